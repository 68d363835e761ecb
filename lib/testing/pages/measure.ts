import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";

/** Collects the scripts that a page loads from now on; what it returns says how many they are and what they weigh. */
export function collectScripts(page: Page) {
  const bodies = new Map<string, Promise<Buffer>>();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!/^\/_next\/static\/.*\.js$/.test(pathname) || bodies.has(pathname)) return;
    // What comes while the page is closed is cut off.
    bodies.set(
      pathname,
      response.body().catch(() => Buffer.alloc(0)),
    );
  });
  return async () => {
    const all = await Promise.all(bodies.values());
    const sum = (weight: (body: Buffer) => number) =>
      all.reduce((total, body) => total + weight(body), 0) / 1_024;
    return {
      files: all.length,
      rawKb: sum((body) => body.length),
      gzipKb: sum((body) => gzipSync(body, { level: 9 }).length),
    };
  };
}

/** Notes, before a page is opened, how far its contents move. What somebody's click moves does not count. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    // Shifts of one session: no second between two, five in all. The worst session counts.
    let [worst, sum, firstAt, lastAt] = [0, 0, 0, 0];
    const moved: string[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
        sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
      })[]) {
        if (entry.hadRecentInput) continue;
        const isNew = entry.startTime - lastAt > 1_000 || entry.startTime - firstAt > 5_000;
        if (isNew) [sum, firstAt] = [0, entry.startTime];
        lastAt = entry.startTime;
        sum += entry.value;
        worst = Math.max(worst, sum);
        for (const { node, previousRect: from, currentRect: to } of entry.sources) {
          const what = node instanceof Element ? node.outerHTML.slice(0, 120) : (node?.textContent ?? "");
          moved.push(`from ${from.top}, ${from.height} high, to ${to.top}, ${to.height} high: ${what}`);
        }
      }
      Object.assign(window, { shifted: { shift: worst, moved } });
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** The cumulative layout shift so far of a page that `watchShifts` was called for, and what has moved on it. */
export const shiftOf = (page: Page): Promise<{ shift: number; moved: string[] }> =>
  page.evaluate(() => Reflect.get(window, "shifted") ?? { shift: 0, moved: [] });
