// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";

const folders = ["app", "components", "db", "inngest", "lib", "public"];
const files = ["package.json", "package-lock.json", "next.config.mjs", "tsconfig.json"];
/** The launcher's own part in a build: how, and from which entries. Its other scripts are run as they are. */
const builders = new Set(["lib/launcher/build.mjs", "lib/launcher/entries.mjs"]);
/**
 * Belongs to no build: a changed test must not make the next start rebuild.
 * @param {string} name
 */
const isOutside = (name) =>
  /\.(test|spec)\.tsx?$/.test(name) ||
  /^lib\/(testing|bench)\//.test(name) ||
  name.endsWith(".md") ||
  (/^lib\/launcher\/.*\.mjs$/.test(name) && !builders.has(name));

/**
 * @param {string} base
 * @param {string} dir
 * @returns {Generator<string>}
 */
function* walk(base, dir) {
  let entries;
  try {
    entries = fs.readdirSync(path.join(base, dir), { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = `${dir}/${entry.name}`;
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) yield* walk(base, name);
    else if (entry.isFile() && !isOutside(name)) yield name;
  }
}

/**
 * Reads files one after another, each into the place of the one before: hundreds of buffers of their own would leave a hole that
 * the launcher keeps as long as it lives.
 */
function reader() {
  let place = Buffer.alloc(0);
  /** @param {string} file */
  return (file) => {
    const from = fs.openSync(file, "r");
    try {
      const { size } = fs.fstatSync(from);
      if (size > place.length) place = Buffer.allocUnsafeSlow(2 * size);
      return place.subarray(0, fs.readSync(from, place, 0, size, 0));
    } finally {
      fs.closeSync(from);
    }
  };
}

/**
 * One short digest of everything a build is made from. Content, not dates: a checkout or a copy changes no digest.
 * @param {string} [base]
 * @returns {string}
 */
export function sourceDigest(base = root) {
  const hash = createHash("sha256");
  const read = reader();
  /** @param {string} name */
  const add = (name) => {
    try {
      const content = read(path.join(base, name));
      hash.update(`${name}\0${content.length}\0`).update(content);
    } catch {}
  };
  for (const name of files) add(name);
  for (const folder of folders) for (const name of walk(base, folder)) add(name);
  return hash.digest("hex").slice(0, 16);
}
