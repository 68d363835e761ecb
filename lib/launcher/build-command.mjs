// @ts-check
import path from "node:path";
import { build } from "./build.mjs";
import { checkSettings } from "./environment.mjs";
import { install } from "./install.mjs";
import { root } from "./paths.mjs";
import { checkPlatform } from "./preflight.mjs";
import { stopOnSignals } from "./signals.mjs";

/** `npm run build`: what `npm start` would do before it starts anything. */
export async function run() {
  stopOnSignals();
  checkSettings();
  checkPlatform();
  await install();
  console.log(`Built: ${path.relative(root, await build())}`);
}
