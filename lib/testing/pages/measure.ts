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
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (entry.hadRecentInput) continue;
        const isNew = entry.startTime - lastAt > 1_000 || entry.startTime - firstAt > 5_000;
        if (isNew) [sum, firstAt] = [0, entry.startTime];
        lastAt = entry.startTime;
        sum += entry.value;
        worst = Math.max(worst, sum);
      }
      Object.assign(window, { worstShift: worst });
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** The cumulative layout shift so far of a page that `watchShifts` was called for. */
export const shiftOf = (page: Page): Promise<number> =>
  page.evaluate(() => Number(Reflect.get(window, "worstShift") ?? 0));
