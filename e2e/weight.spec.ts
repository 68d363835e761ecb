import type { Page } from "@playwright/test";
import { budgets, largestShift, type PageKind } from "@/lib/testing/pages/budgets";
import { collectScripts, shiftOf, watchShifts } from "@/lib/testing/pages/measure";
import { register } from "./support/people";
import { createProject, getJson, send, settled, workflowNamed } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

test.use({ viewport: { width: 1_440, height: 900 } });

/** A project with a message that was processed; one page of each kind, signing in left out. */
async function furnish({ request }: Page) {
  await register(request);
  const made = await createProject(request, "sample");
  const messageId = await send(request, made.project.id, {
    form: "home-visit",
    patient: { id: "P-1", name: "Amina" },
  });
  await settled(request, made.project.id, messageId);
  const at = `/p/${made.project.id}`;
  const runs = await getJson<{ items: { id: string }[] }>(request, `/api/projects/${made.project.id}/runs`);
  const workflow = await workflowNamed(request, made, "Payment");
  const editor = `${at}/workflows/${workflow.id}/edit`;
  const paths: Record<Exclude<PageKind, "signIn">, string> = {
    inbox: `${at}/inbox`,
    receipt: `${at}/inbox/${messageId}`,
    run: `${at}/runs/${runs.items[0]?.id}`,
    workflows: `${at}/workflows`,
    workflow: `${at}/workflows/${workflow.id}`,
    editor,
    editorWithCode: `${editor}?node=${workflow.graph.jobs[0]?.id}`,
  };
  return { at, paths, jobId: workflow.graph.jobs[0]?.id ?? "", editor };
}

/** What comes last on a page that loads something when it is idle. */
const last: Partial<Record<PageKind, string>> = {
  workflow: ".react-flow__node",
  editor: ".react-flow__node",
  editorWithCode: ".cm-content",
};

async function open(page: Page, kind: PageKind, path: string) {
  const weigh = collectScripts(page);
  await watchShifts(page);
  // How far letters move when Geist comes depends on what fonts the machine has: `npm run bench -- --only editor` shows it.
  await page.route(/\.woff2$/, (route) => route.abort());
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  const awaited = last[kind];
  if (awaited) await page.locator(awaited).first().waitFor({ timeout: 60_000 });
  await page.waitForLoadState("networkidle");
  return { ...(await weigh()), ...(await shiftOf(page)) };
}

test("each kind of page loads no more than its budget, and nothing on it moves while it loads", async ({
  page,
  context,
  browser,
}) => {
  const { paths } = await furnish(page);
  const stranger = await otherBrowser(browser);
  const all = { signIn: "/sign-in", ...paths };
  for (const kind of Object.keys(budgets) as PageKind[]) {
    const fresh = kind === "signIn" ? stranger : await context.newPage();
    const { gzipKb, shift, moved } = await open(fresh, kind, all[kind]);
    expect.soft(gzipKb, `KB of ${kind}`).toBeLessThanOrEqual(budgets[kind]);
    expect.soft(shift, [`shift of ${kind}`, ...moved].join("\n")).toBeLessThan(largestShift);
    await fresh.close();
  }
});

test("a click on a link is answered before the server answers", async ({ page }) => {
  const { at } = await furnish(page);
  await page.goto(`${at}/inbox`);
  await page.waitForLoadState("networkidle");
  await page.route(/[?&]_rsc=/, () => {
    // Held: nothing that the server says can be what answers the click.
  });
  await page
    .getByRole("navigation", { name: "Project" })
    .first()
    .getByRole("link", { name: "Usage" })
    .click();
  await expect(page.getByRole("progressbar", { name: "Loading the page" })).toBeVisible();
  await page.unrouteAll();
});

type Counted = { copies: number; checks: number; texts: number; changed: string[] };

/** Counts, in the page, what typing leads to beside the editor itself. */
function count(): void {
  const counted: Counted = { copies: 0, checks: 0, texts: 0, changed: [] };
  Object.assign(window, { counted });
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (key, value) {
    if (key.startsWith("waybill:draft:")) counted.copies += 1;
    setItem.call(this, key, value);
  };
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...message: unknown[]) {
    counted.checks += 1;
    Reflect.apply(postMessage, this, message);
  };
}

/** Begins to note what changes of the page around the editor, and texts that are made of all of the code. */
function countMore(): void {
  const counted: Counted = Reflect.get(window, "counted");
  const editor = document.querySelector(".cm-editor");
  const around = (node: Node) => !editor?.contains(node);
  new MutationObserver((changes) => {
    const seen = changes.filter(({ target }) => around(target));
    counted.changed.push(...seen.map(({ target }) => target.parentElement?.outerHTML.slice(0, 200) ?? ""));
  }).observe(document.querySelector("main") ?? document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
  // As EditorView.findFromDOM finds it.
  const tile = Reflect.get(document.querySelector(".cm-content") ?? {}, "cmTile");
  let proto = tile.root.view.state.doc;
  while (!Object.hasOwn(proto, "toString")) proto = Object.getPrototypeOf(proto);
  const whole = proto.toString;
  proto.toString = function () {
    if (this.lines > 1_000) counted.texts += 1;
    return whole.call(this);
  };
}

test("typing in 2,000 lines of code does nothing but write, until there is a pause", async ({ page }) => {
  const { editor, jobId } = await furnish(page);
  const path = `${editor.replace("/p/", "/api/projects/").replace(/\/edit$/, "")}`;
  const saved = await getJson<{ lockVersion: number; graph: { jobs: Record<string, unknown>[] } }>(
    page.request,
    path,
  );
  const body = "fn(state => {\n  const one = state.data;\n  return { ...state, one };\n});\n".repeat(500);
  const jobs = saved.graph.jobs.map(({ adaptorVersion, ...job }) => ({ ...job, body }));
  const put = await page.request.put(path, {
    data: { ...saved.graph, jobs, lockVersion: saved.lockVersion },
  });
  expect(put.ok(), await put.text()).toBe(true);

  await page.clock.install();
  await page.addInitScript(count);
  const drafts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "PUT" && request.url().endsWith("/draft")) drafts.push(request.url());
  });
  await page.goto(`${editor}?node=${jobId}`);
  const code = page.locator(".cm-content");
  await expect(code).toBeVisible();
  await code.click({ position: { x: 40, y: 20 } });
  await page.keyboard.press("Control+End");
  await page.waitForLoadState("networkidle");
  const counted = () => page.evaluate((): Counted => Reflect.get(window, "counted"));
  await expect.poll(async () => (await counted()).checks).toBeGreaterThan(0);

  // Time stands still while somebody types, however long the machine takes for it.
  await page.clock.pauseAt(Date.now() + 60_000);
  // What the leap of the clock has set off comes to its end.
  await page.keyboard.type("x");
  await expect(code).toContainText("x");
  await page.clock.runFor(5_000);
  await expect.poll(() => drafts.length).toBe(1);
  await expect(page.getByText("Saved as your draft")).toBeVisible();
  await page.evaluate(countMore);
  let before = await counted();
  // What the page has still asked for may be drawn meanwhile.
  await expect(async () => {
    before = await counted();
    await page.keyboard.type("x".repeat(50));
    expect(await counted()).toEqual(before);
  }).toPass();
  expect(drafts).toHaveLength(1);

  await page.clock.runFor(5_000);
  await expect.poll(() => drafts.length).toBe(2);
  const { copies, checks, texts } = await counted();
  const since = {
    copies: copies - before.copies,
    checks: checks - before.checks,
    texts: texts - before.texts,
  };
  expect(since).toEqual({ copies: 1, checks: 1, texts: 1 });
});
