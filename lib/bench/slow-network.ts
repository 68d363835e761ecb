import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import type { PageKind } from "@/lib/testing/pages/budgets";
import type { Measured } from "./measured";

/** A phone at the edge of a village's network. */
const bitsPerSecond = 400_000;
const latencyMs = 600;

/** By when a page is to be usable there. */
const limitsMs: Partial<Record<PageKind, number>> = { signIn: 5_000, inbox: 6_000 };
const answerMs = 100;
const runs = 3;

/** How pages are over a slow network, and how soon a click is answered there. Medians. */
export async function measureSlowNetwork(
  contextFor: (page: Measured) => Promise<BrowserContext>,
  pages: readonly Measured[],
): Promise<void> {
  console.log(
    `\n${bitsPerSecond / 1_000} kbit/s, ${latencyMs} ms, nothing cached, median of ${runs}   first text   usable    limit (ms)`,
  );
  for (const measured of pages.filter(({ kind }) => kind in limitsMs)) {
    const times: { painted: number; usable: number }[] = [];
    for (let run = 0; run < runs; run++) times.push(await timesOf(await contextFor(measured), measured));
    const of = (name: "painted" | "usable") => median(times.map((one) => one[name])).toFixed(0);
    console.log(
      `${measured.name.padEnd(58)}${of("painted").padStart(8)}${of("usable").padStart(9)}${String(limitsMs[measured.kind]).padStart(9)}`,
    );
  }
  const inbox = pages.find(({ kind }) => kind === "inbox");
  if (inbox) {
    const answers: number[] = [];
    for (const place of ["Workflows", "Usage", "Settings"])
      answers.push(await clickOn(await contextFor(inbox), inbox, place));
    console.log(
      `from a click on a place to what shows that it was heard (${answers.length} places, longest)${Math.max(
        ...answers,
      )
        .toFixed(0)
        .padStart(7)}${String(answerMs).padStart(9)}`,
    );
  }
}

const median = (all: number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

async function slowed(page: Page): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  const throughput = bitsPerSecond / 8;
  await cdp.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: latencyMs,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  });
  return cdp;
}

/** Usable: the page's first control is React's, so that what is typed or clicked is heard. */
async function timesOf(context: BrowserContext, { path }: Measured) {
  const page = await context.newPage();
  await slowed(page);
  await page.addInitScript(() => {
    const look = setInterval(() => {
      const control = document.querySelector("main button, main input");
      if (!control || !Object.keys(control).some((key) => key.startsWith("__reactProps$"))) return;
      clearInterval(look);
      Object.assign(window, { usableAt: performance.now() });
    }, 10);
  });
  await page.goto(path, { waitUntil: "commit", timeout: 120_000 });
  await page.waitForFunction(() => "usableAt" in window, undefined, { timeout: 120_000 });
  const times = await page.evaluate(() => ({
    painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    usable: Number(Reflect.get(window, "usableAt")),
  }));
  await context.close();
  return times;
}

/** The milliseconds from a click on a link until the page shows anything of it. */
async function clickOn(context: BrowserContext, { path }: Measured, place: string): Promise<number> {
  const page = await context.newPage();
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  await slowed(page);
  const ms = await page.evaluate((name) => {
    const link = [...document.querySelectorAll("nav a")].find((one) => one.textContent?.startsWith(name));
    return new Promise<number>((resolve) => {
      const clickedAt = performance.now();
      new MutationObserver(() => requestAnimationFrame(() => resolve(performance.now() - clickedAt))).observe(
        document.body,
        { subtree: true, childList: true, attributes: true },
      );
      (link as HTMLElement).click();
    });
  }, place);
  await context.close();
  return ms;
}
