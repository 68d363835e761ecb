import { type Browser, type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { type Destination, startDestination } from "./destination";

/** What pages tried against their content security policy, in every browser context of a test. */
let refusedByPolicy: string[] = [];

/** Browsers of others that a test has opened. */
const others: BrowserContext[] = [];

function watchPolicy(context: BrowserContext): void {
  context.on("console", (message) => {
    if (/content security policy/i.test(message.text())) refusedByPolicy.push(message.text());
  });
}

function consoleErrorsOf(context: BrowserContext): string[] {
  const errors: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (webError) => errors.push(String(webError.error().stack)));
  return errors;
}

type Fixtures = {
  /** Whatever page is shown, nothing of it may offend its own policy. Emptied by a test that means to. */
  policyOffences: string[];
  /** For a test that nothing may go wrong in: what its pages wrote to the console as an error, and threw. */
  consoleErrors: string[];
  /** Stands on this machine for as long as the test runs. */
  destination: Destination;
};

/**
 * Playwright's `test`, which fails when a page offends its policy, with a system that jobs may send to, new in every
 * test that asks for it.
 */
export const test = base.extend<Fixtures>({
  policyOffences: [
    async ({ context }, use) => {
      refusedByPolicy = [];
      watchPolicy(context);
      await use(refusedByPolicy);
      // Left open, their pages go on asking and drawing while all later tests of this worker run.
      for (const other of others.splice(0)) await other.close();
      expect(refusedByPolicy).toEqual([]);
    },
    { auto: true },
  ],

  consoleErrors: async ({ context }, use) => {
    const errors = consoleErrorsOf(context);
    await use(errors);
    expect(errors).toEqual([]);
  },

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from the pattern
  destination: async ({}, use) => {
    const destination = await startDestination();
    await use(destination);
    await destination.close();
  },
});

export { expect } from "@playwright/test";

/** A page of somebody else's browser: nobody is signed in there. It is closed with the test. */
export async function otherBrowser(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  others.push(context);
  watchPolicy(context);
  return context.newPage();
}
