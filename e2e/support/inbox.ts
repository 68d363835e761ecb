import { expect, type Locator, type Page } from "@playwright/test";

/** The lines of the inbox, or of the activity history. */
export const rowsOf = (page: Page): Locator =>
  page.getByRole("row").filter({ has: page.locator("a[data-row]") });

/** The word of a job's chip in a line of the inbox, or in the job states of a receipt. */
export const stateIn = (place: Locator, job: string, word: string): Locator =>
  place.getByRole("listitem").filter({ hasText: job }).getByText(word, { exact: true });

/** The job states at the head of a receipt. */
export const jobStatesOf = (page: Page): Locator => page.getByRole("region", { name: "Job states" });

/** The work orders, runs and steps of a receipt. */
export const timelineOf = (page: Page): Locator =>
  page.getByRole("region", { name: "What was done with it" });

/** Opens an inbox and waits until the page listens, which the live switch says. */
export const openInbox = async (page: Page, path: string): Promise<void> => {
  await page.goto(path);
  await expect(page.getByRole("button", { name: "Live: pause live updates" })).toBeVisible();
};
