import { expect, type Locator, type Page } from "@playwright/test";

/** How somebody uses a page: one story is played by each of them. */
export type Hand = {
  page: Page;
  /** Presses a button, link, tab, radio, checkbox or line; opens what opens a list or a menu. */
  press(target: Locator): Promise<void>;
  /** Writes a field or code anew. */
  write(field: Locator, text: string): Promise<void>;
  /** The screen shows one part of the editor at a time. */
  isNarrow: boolean;
};

export const mouse = (page: Page): Hand => ({
  page,
  press: (target) => target.click(),
  write: (field, text) => writeBy(field, text, () => field.click()),
  isNarrow: false,
});

export const finger = (page: Page): Hand => ({
  page,
  press: (target) => target.tap(),
  write: (field, text) => writeBy(field, text, () => field.tap()),
  isNarrow: true,
});

/** Nothing but keys: the tabulator leads from one thing to the next, the arrows within lists, menus, tabs and trees. */
export const keyboard = (page: Page): Hand => ({
  page,
  press: async (target) => {
    await reach(target);
    // A radio and a tab are chosen by what leads there.
    if (!(await target.evaluate((one) => one.matches("[aria-checked=true],[role=tab][aria-selected=true]"))))
      await page.keyboard.press("Enter");
  },
  write: (field, text) => writeBy(field, text, () => reach(field)),
  isNarrow: false,
});

async function writeBy(field: Locator, text: string, go: () => Promise<void>): Promise<void> {
  await go();
  await expect(field).toBeFocused();
  const { keyboard } = field.page();
  await keyboard.press("ControlOrMeta+a");
  // As if it were pasted: code editors would close brackets that are typed.
  await keyboard.insertText(text);
}

/** So many stops no page has; who needs more goes round in circles. */
const mostStops = 250;

/** Goes to the target by keys alone, from wherever the focus is. */
async function reach(target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  const { keyboard } = target.page();
  for (let stop = 0; stop < mostStops; stop++) {
    const keys = await target.evaluate(nextKeys);
    if (keys === null) return;
    for (const one of keys.split(" ")) await keyboard.press(one);
  }
  throw new Error(`The keyboard does not reach ${target}.`);
}

/** The keys that lead nearer to an element; null: it has the focus. Runs in the page. */
function nextKeys(target: Element): string | null {
  const here = document.activeElement;
  if (!here || here === target) return here ? null : "Tab";
  const inOne = (selector: string) => target.closest(selector)?.contains(here);
  const isBefore = (here.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
  if (inOne("[role=tablist]")) return isBefore ? "ArrowLeft" : "ArrowRight";
  if (inOne("[role=radiogroup],[role=menu],[role=listbox]")) return isBefore ? "ArrowUp" : "ArrowDown";
  if (target.matches("[data-line]") && here.matches("[data-line]")) return isBefore ? "ArrowUp" : "ArrowDown";
  const row = target.closest("[data-row]");
  if (target.matches("[data-cell]") && here.matches("[data-cell]")) {
    if (row?.contains(here)) return isBefore ? "ArrowLeft" : "ArrowRight";
    return isBefore ? "ArrowUp" : "ArrowDown";
  }
  if (here === document.body) return "Tab";
  const tab = isBefore ? "Shift+Tab" : "Tab";
  // In code the tabulator writes; after Escape it leaves.
  return here.closest(".cm-content") ? `Escape ${tab}` : tab;
}
