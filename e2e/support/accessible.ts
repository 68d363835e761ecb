import fs from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Violation = { id: string; nodes: { html: string; failureSummary?: string }[] };

/** Fails on every WCAG 2 A and AA violation that axe finds on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours in transition are no colours of the page.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (a) => a.playState !== "running" || a.effect?.getTiming().iterations === Number.POSITIVE_INFINITY,
      ),
  );
  const isHeld = await holdsFocus(page);
  // Once a document, and not as a script element: the page's own policy would refuse it.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const violations = await page.evaluate(async (isHeld) => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> };
    };
    const found = await axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      rules: { "aria-hidden-focus": { enabled: !isHeld } },
    });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
  }, isHeld);
  expect(violations).toEqual([]);
}

/**
 * Whether a list of choices is open. It hides all else and keeps the focus, of which axe sees the first alone: it is asked
 * about that only where nothing is open.
 */
async function holdsFocus(page: Page): Promise<boolean> {
  const list = page.locator("[role=listbox][data-state=open]");
  if ((await list.count()) === 0) return false;
  await page.keyboard.press("Tab");
  await expect(list.locator(":focus")).toHaveCount(1);
  return true;
}
