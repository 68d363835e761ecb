import { type Browser, test as base, type Page } from "@playwright/test";
import { type Destination, startDestination } from "./destination";

type Fixtures = {
  /** Stands on this machine for as long as the test runs. */
  destination: Destination;
};

/** Playwright's `test` with a system that jobs may send to, new in every test that asks for it. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from the pattern
  destination: async ({}, use) => {
    const destination = await startDestination();
    await use(destination);
    await destination.close();
  },
});

export { expect } from "@playwright/test";

/** A page of somebody else's browser: nobody is signed in there. */
export const otherBrowser = async (browser: Browser): Promise<Page> => (await browser.newContext()).newPage();
