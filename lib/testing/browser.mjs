// @ts-check
import fs from "node:fs";
import { chromium } from "@playwright/test";

const system = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The browser for the end-to-end tests: the one E2E_CHROMIUM names, Playwright's own, the system's, else the one that
 * comes as an npm package (Linux x64; it brings its libraries and fonts).
 * @returns {Promise<{ name: string, launchOptions: { executablePath?: string, args?: string[], env?: Record<string, string> } } | null>}
 */
export async function findBrowser() {
  const args = ["--no-sandbox"];
  const given = process.env.E2E_CHROMIUM;
  if (given) return { name: given, launchOptions: { executablePath: given, args } };
  if (fs.existsSync(chromium.executablePath())) return { name: "Playwright's Chromium", launchOptions: {} };
  const installed = system.find((file) => fs.existsSync(file));
  if (installed && process.env.E2E_NPM_CHROMIUM !== "1")
    return { name: installed, launchOptions: { executablePath: installed, args } };
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  // Read by the package when it is imported: without it, it leaves its libraries packed.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs20.x";
  const { default: packaged } = await import("@sparticuz/chromium");
  const executablePath = await packaged.executablePath();
  return {
    name: "the npm package @sparticuz/chromium",
    launchOptions: { executablePath, args, env: inherited() },
  };
}

/** This process's environment, for a browser that inherits it. */
const inherited = () =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
