// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { inRoot, root } from "./paths.mjs";
import { checkSpace } from "./preflight.mjs";
import { end } from "./processes.mjs";
import { command, progress } from "./progress.mjs";

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean, devOptional?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile */

/**
 * What the file holds, or null.
 * @template T
 * @param {string} file
 * @returns {T | null}
 */
const readJson = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
};

/**
 * What node_modules must have been installed from: the lock file, on this kind of machine.
 * @param {string} [dir]
 * @returns {string}
 */
export function lockDigest(dir = root) {
  const lock = fs.readFileSync(path.join(dir, "package-lock.json"));
  return createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex");
}

/**
 * Whether npm's own record of what it installed satisfies the lock file: somebody ran `npm ci` themselves.
 * @param {Lockfile | null} lock
 * @param {Lockfile | null} record
 * @returns {boolean}
 */
export function recordMatches(lock, record) {
  const installed = record?.packages;
  if (!lock?.packages || !installed) return false;
  return Object.entries(lock.packages).every(([place, wanted]) => {
    if (place === "") return true;
    const present = installed[place];
    return present
      ? present.version === wanted.version
      : Boolean(wanted.optional || wanted.peer || wanted.devOptional);
  });
}

/**
 * Whether the dependencies are there and are those of the lock file.
 * @param {string} [dir]
 * @returns {boolean}
 */
export function isInstalled(dir = root) {
  const mark = path.join(dir, "node_modules", ".waybill-lock");
  const digest = lockDigest(dir);
  try {
    if (fs.readFileSync(mark, "utf8") === digest) return true;
  } catch {}
  const record = readJson(path.join(dir, "node_modules", ".package-lock.json"));
  if (!recordMatches(readJson(path.join(dir, "package-lock.json")), record)) return false;
  try {
    fs.writeFileSync(mark, digest);
  } catch {}
  return true;
}

/**
 * The sentence for a failed `npm ci`.
 * @param {string} output
 * @param {string} reason
 * @returns {string}
 */
export function explainInstall(output, reason) {
  const again = "then run the same command again.";
  if (/ENOSPC/.test(output)) return `The disk is full: free about 2.5 GB, ${again}`;
  if (/EACCES|EPERM/.test(output))
    return `npm may not write here: make ${root} yours (chown -R "$USER" .), ${again}`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|network/i.test(output))
    return `npm cannot reach its registry: check the network and "npm config get registry", ${again}`;
  if (/EUSAGE|in sync/.test(output))
    return `package-lock.json does not fit package.json: take both from the repository again (git checkout package.json package-lock.json), ${again}`;
  return `Installing the dependencies failed (${reason}). See npm's words above; "npm ci" by hand shows them in full.`;
}

/**
 * npm as it was called, else the one on the PATH.
 * @returns {[string, ...string[]]}
 */
function npm() {
  const script = process.env.npm_execpath;
  return script && /npm-cli\.c?js$/.test(script) ? [process.execPath, script] : ["npm"];
}

/** Installs the dependencies when they are missing or stale. One launcher at a time does it. */
export async function install() {
  if (!isInstalled()) await installAlone();
  keepNode();
}

/** npm links the programs of all packages, the Node for serving among them: what scripts call `node` stays the machine's own. */
function keepNode() {
  try {
    fs.rmSync(inRoot("node_modules", ".bin", "node"), { force: true });
  } catch {
    // Not ours to change; either will do.
  }
}

async function installAlone() {
  await withLock(
    inRoot(".build", "install.lock"),
    async () => {
      if (isInstalled()) return;
      checkSpace(root, "install");
      const digest = lockDigest();
      const [file, ...prefix] = npm();
      // Building needs the development dependencies, whatever NODE_ENV and npm's configuration say.
      /** @type {import("./environment.mjs").Variables} */
      const env = { ...process.env, NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1" };
      delete env.npm_config_omit;
      delete env.npm_config_production;
      // The lock file pins every package, so the cache may answer; a stalled connection is given up early.
      const network = ["--prefer-offline", "--fetch-timeout=120000", "--fetch-retries=4"];
      const args = [
        ...prefix,
        "ci",
        "--no-audit",
        "--no-fund",
        "--include=dev",
        "--include=optional",
        ...network,
      ];
      // An npm that a killed launcher left behind would write into the same folder.
      await end(readJson(inRoot(".build", "npm.json")));
      /** @param {import("./processes.mjs").Identity} identity */
      const onStart = (identity) => fs.writeFileSync(inRoot(".build", "npm.json"), JSON.stringify(identity));
      const work = () => command(file, args, { cwd: root, env, explain: explainInstall, onStart });
      await progress("Installing dependencies (once; a minute or two)", work);
      if (!fs.existsSync(inRoot("node_modules")))
        throw new Failure('npm installed nothing: run "npm ci" by hand and look at what it says.');
      fs.writeFileSync(inRoot("node_modules", ".waybill-lock"), digest);
    },
    (holder) =>
      console.error(`Another launcher (pid ${holder.pid}) is installing the dependencies; waiting for it …`),
  );
}
