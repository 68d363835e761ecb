// @ts-check
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { currentBuild } from "./build.mjs";
import { bundleEntries, cliEntries } from "./entries.mjs";
import { Failure } from "./failure.mjs";
import { install, isInstalled } from "./install.mjs";
import { inRoot } from "./paths.mjs";
import { sourceDigest } from "./sources.mjs";

/** Where the command line's own bundles are, of which each is named after its sources. */
const cliRoot = inRoot(".build", "cli");

/**
 * `npx waybill deploy …`: what works with files here and a server somewhere. Nothing of the product is started; where nothing
 * was built yet, the command line alone is bundled, which takes less than a second.
 * @param {string} name
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function run(name, args) {
  const digest = sourceDigest();
  const dir = currentBuild(digest) ?? (await ownBundle(digest));
  const { version } = JSON.parse(fs.readFileSync(inRoot("package.json"), "utf8"));
  /** @type {typeof import("../cli/main.ts")} */
  const { main } = await import(pathToFileURL(path.join(dir, "cli.mjs")).href);
  return main(name, args, version);
}

/** @param {string} digest */
async function ownBundle(digest) {
  const place = path.join(cliRoot, digest);
  if (fs.existsSync(path.join(place, "cli.mjs"))) return place;
  if (!isInstalled()) await install();
  const draft = path.join(cliRoot, `new-${randomBytes(4).toString("hex")}`);
  try {
    fs.mkdirSync(draft, { recursive: true });
    await bundleEntries(draft, cliEntries);
    removeOthers(draft);
    fs.renameSync(draft, place);
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    // Somebody else was faster.
    if (fs.existsSync(path.join(place, "cli.mjs"))) return place;
    if (error instanceof Failure) throw error;
    throw new Failure(`The command line could not be prepared in ${cliRoot}: ${error}`);
  }
  return place;
}

/** Long enough for whoever is still loading one of them. */
const keptMs = 60 * 60_000;

/**
 * Removes bundles of other sources, unless they were made a moment ago.
 * @param {string} keep
 */
function removeOthers(keep) {
  for (const name of fs.readdirSync(cliRoot)) {
    const dir = path.join(cliRoot, name);
    if (dir !== keep && Date.now() - fs.statSync(dir).mtimeMs > keptMs)
      fs.rmSync(dir, { recursive: true, force: true });
  }
}
