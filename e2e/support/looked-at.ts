import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { expect } from "./test";

/**
 * A state of a page is as it must be: axe finds nothing, and nothing of it is beside the screen. Looked at from the top: what
 * lies under the page's bar when it is scrolled is no fault of it.
 */
export async function expectWell(page: Page): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  await expectAccessible(page);
  const beside = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("[role=dialog],[role=alertdialog]")].flatMap(
      ({ scrollWidth, clientWidth, outerHTML }) =>
        scrollWidth > clientWidth ? [`${scrollWidth} > ${clientWidth}: ${outerHTML.slice(0, 200)}`] : [],
    ),
  );
  expect(beside).toEqual([]);
}
