import { randomUUID } from "node:crypto";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "@playwright/test";
import { build } from "esbuild";
import { shippedSpecifiers } from "@/lib/shipped";
import { formToRegistry } from "@/lib/templates/form-to-registry";
import { newWorkflow } from "@/lib/templates/new-workflow";
import { findBrowser } from "@/lib/testing/browser.mjs";
import { budgets, largestShift } from "@/lib/testing/pages/budgets";
import { collectScripts, shiftOf, watchShifts } from "@/lib/testing/pages/measure";
import type { Measured } from "./measured";
import { measureSlowNetwork } from "./slow-network";

const codeLines = 2_000;
const keys = 200;
/** How much slower the processor seems to be while it is measured when a page can be used. */
const slowdown = 4;
const runs = 3;

/**
 * What the editor's page weighs and how it feels: JavaScript before code is opened, the time until it can be used on a slow
 * processor, and what a key costs in a long job. Each beside a page or an editor that does nothing of it, in the same run.
 */
export async function measureEditor(url: string): Promise<void> {
  const found = await findBrowser();
  if (!found) throw new Error("There is no browser. `npm test` installs one.");
  const browser = await chromium.launch(found.launchOptions);
  try {
    const signedIn = await browser.newContext({ baseURL: url });
    const pages = await pagesToMeasure(signedIn);
    console.log(`What a page loads until it is idle (${found.name}; KB)`);
    console.log(
      `${" ".repeat(24)}    files  gzipped   budget   script document    style     font shift < ${largestShift}`,
    );
    for (const page of pages) await printWeight(browser, url, signedIn, page);
    await measureSlowNetwork((page) => freshContext(browser, url, signedIn, page), pages);
    console.log(
      `\nuntil a page can be used, ${slowdown}x slower processor, median of ${runs}      ms   long tasks   (editor: < 2000)`,
    );
    for (const page of pages.filter(({ isTimed }) => isTimed)) await printReady(browser, url, signedIn, page);
    console.log(
      `\na key in ${codeLines} lines of code        ms of the main thread   long tasks of ${keys} keys   (< 16 ms)`,
    );
    await printTyping(browser, url, signedIn, pages);
  } finally {
    await browser.close();
  }
}

/** Signs somebody up who has a project with a workflow whose first job is long. */
async function pagesToMeasure({ request }: BrowserContext): Promise<Measured[]> {
  const send = async (method: "post" | "put", path: string, data: unknown) => {
    const answer = await request[method](path, { data });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  const email = `bench-${randomUUID()}@example.org`;
  await send("post", "/api/auth/register", { email, name: "Bench", password: randomUUID() });
  const { project } = await send("post", "/api/projects", {
    from: "empty",
    name: `bench-${randomUUID().slice(0, 8)}`,
  });
  const kit = { newId: randomUUID, adaptors: shippedSpecifiers };
  const graph = newWorkflow("Bench", formToRegistry, kit);
  const [first, ...rest] = graph.jobs;
  const jobs = first ? [{ ...first, body: longCode() }, ...rest] : rest;
  const { id } = await send("post", `/api/projects/${project.id}/workflows`, { ...graph, jobs });
  const at = `/p/${project.id}`;
  return [
    { kind: "signIn", name: "sign-in (baseline)", path: "/sign-in", isSignedIn: false, isTimed: true },
    { kind: "inbox", name: "inbox", path: `${at}/inbox`, isSignedIn: true, isTimed: false },
    { kind: "workflows", name: "workflows", path: `${at}/workflows`, isSignedIn: true, isTimed: false },
    { kind: "workflow", name: "workflow", path: `${at}/workflows/${id}`, isSignedIn: true, isTimed: true },
    {
      kind: "editor",
      name: "editor, no code open",
      path: `${at}/workflows/${id}/edit`,
      isSignedIn: true,
      isTimed: true,
    },
    {
      kind: "editorWithCode",
      name: "editor, code open",
      path: `${at}/workflows/${id}/edit?node=${first?.id}`,
      isSignedIn: true,
      isTimed: false,
    },
  ];
}

const longCode = () =>
  Array.from(
    { length: codeLines / 4 },
    (_, n) =>
      `fn(state => {\n  const visit${n} = state.data.visits[${n}];\n  return { ...state, visit${n} };\n});\n`,
  ).join("");

/** A browser that has nothing of ours yet, signed in or not. */
async function freshContext(browser: Browser, url: string, from: BrowserContext, page: Measured) {
  const state = page.isSignedIn ? { storageState: await from.storageState() } : {};
  return browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, ...state });
}

async function printWeight(browser: Browser, url: string, from: BrowserContext, measured: Measured) {
  const context = await freshContext(browser, url, from, measured);
  const page = await context.newPage();
  const weigh = collectScripts(page);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  const types = new Map<string, string>();
  const sent: Record<string, number> = {};
  cdp.on("Network.responseReceived", ({ requestId, type }) => types.set(requestId, type));
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const type = types.get(requestId) ?? "";
    sent[type] = (sent[type] ?? 0) + encodedDataLength;
  });
  await watchShifts(page);
  await page.goto(measured.path);
  await page.waitForLoadState("networkidle");
  const { files, gzipKb } = await weigh();
  const { shift } = await shiftOf(page);
  const cells = [
    files,
    gzipKb.toFixed(0),
    budgets[measured.kind],
    ...["Script", "Document", "Stylesheet", "Font"].map((type) => kb(sent[type] ?? 0)),
    shift.toFixed(3),
  ].map((cell) => String(cell).padStart(9));
  console.log(`${measured.name.padEnd(24)}${cells.join("")}`);
  await context.close();
}

const kb = (bytes: number) => (bytes / 1_024).toFixed(0);

/** From its request until React has taken the page over and nothing has kept the processor for a while. */
async function printReady(browser: Browser, url: string, from: BrowserContext, measured: Measured) {
  const times: { readyMs: number; longTasks: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const context = await freshContext(browser, url, from, measured);
    const page = await context.newPage();
    await slow(await context.newCDPSession(page));
    await page.addInitScript(watchReadiness);
    await page.goto(measured.path);
    await page.waitForFunction(() => "ready" in window, undefined, { timeout: 120_000 });
    times.push(await page.evaluate(() => (window as unknown as { ready: (typeof times)[number] }).ready));
    await context.close();
  }
  times.sort((a, b) => a.readyMs - b.readyMs);
  const median = times[Math.floor(runs / 2)];
  console.log(
    `${measured.name.padEnd(62)}${String(median?.readyMs).padStart(6)}${String(median?.longTasks).padStart(13)}`,
  );
}

const slow = (cdp: CDPSession) => cdp.send("Emulation.setCPUThrottlingRate", { rate: slowdown });

/** Runs in the page. Quiet is half a second without a task of more than 50 ms, as for a page's time to interactive. */
function watchReadiness(): void {
  const quietMs = 500;
  let lastTaskEnd = 0;
  let longTasks = 0;
  let hydratedAt = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      longTasks += 1;
      lastTaskEnd = Math.max(lastTaskEnd, startTime + duration);
    }
  }).observe({ type: "longtask", buffered: true });
  const look = setInterval(() => {
    const control = document.querySelector("main button, main input");
    const isHydrated = control && Object.keys(control).some((key) => key.startsWith("__reactProps$"));
    if (isHydrated && !hydratedAt) hydratedAt = performance.now();
    const settledAt = Math.max(hydratedAt, lastTaskEnd);
    if (!hydratedAt || performance.now() - settledAt < quietMs) return;
    clearInterval(look);
    Object.assign(window, { ready: { readyMs: Math.round(settledAt), longTasks } });
  }, 20);
}

async function printTyping(browser: Browser, url: string, from: BrowserContext, pages: Measured[]) {
  const bare = await (await browser.newContext()).newPage();
  await bare.setContent("<!doctype html><title>bare</title><main></main>");
  await bare.addScriptTag({ content: await bareEditor(longCode()) });
  await printKeys("CodeMirror alone (baseline)", bare);
  const editor = pages.find(({ path }) => path.includes("?node="));
  if (!editor) return;
  const page = await (await freshContext(browser, url, from, editor)).newPage();
  await page.goto(editor.path);
  await printKeys("the job editor", page);
}

/** CodeMirror with a grammar and nothing of ours. */
async function bareEditor(code: string): Promise<string> {
  const contents = `
    import { javascript } from "@codemirror/lang-javascript";
    import { EditorState } from "@codemirror/state";
    import { EditorView, keymap } from "@codemirror/view";
    import { defaultKeymap, history } from "@codemirror/commands";
    const extensions = [history(), keymap.of(defaultKeymap), javascript()];
    const state = EditorState.create({ doc: ${JSON.stringify(code)}, extensions });
    new EditorView({ state, parent: document.querySelector("main") });`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: "iife",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** What typing costs the main thread: all of it, also what is done later for several keys at once. */
async function printKeys(name: string, page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  const busySeconds = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === "TaskDuration")?.value ?? 0;
  };
  const code = page.locator(".cm-content").first();
  await code.waitFor({ timeout: 60_000 });
  await code.click({ position: { x: 40, y: 20 } });
  await page.keyboard.press("End");
  await page.waitForLoadState("networkidle");
  const longTasks = await page.evaluateHandle(() => {
    const seen: number[] = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries().map((one) => one.duration))).observe({
      type: "longtask",
    });
    return seen;
  });
  const settle = () => page.evaluate(() => new Promise((done) => setTimeout(done, 1_500)));
  await settle();
  const before = await busySeconds();
  for (let n = 0; n < keys; n++) await page.keyboard.type("x", { delay: 30 });
  await settle();
  const spent = ((await busySeconds()) - before) * 1_000;
  const long = await longTasks.evaluate((seen) => seen.length);
  console.log(`${name.padEnd(40)}${(spent / keys).toFixed(1).padStart(22)}${String(long).padStart(26)}`);
}
