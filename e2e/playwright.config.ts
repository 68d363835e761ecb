import { defineConfig } from "@playwright/test";
import { findBrowser } from "@/lib/testing/browser.mjs";

const browser = await findBrowser();
const report = process.env.E2E_REPORT;

/** `npm test -- e2e` starts the product and sets BASE_URL; without it, a Waybill that already runs here is used. */
export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  timeout: 120_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // Once more where nobody looks on. `npm test` names what needed it.
  retries: process.env.CI ? 1 : 0,
  reporter: [
    ["list"],
    ...(report ? [["json", { outputFile: report }] as ["json", { outputFile: string }]] : []),
  ],
  use: {
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:3000",
    launchOptions: browser?.launchOptions ?? {},
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
});
