// @ts-check
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { keptFile } from "./bookkeeping.mjs";
import { bundleEntries, checkEntries } from "./entries.mjs";
import { withLock } from "./lock.mjs";
import { inRoot, root } from "./paths.mjs";
import { isRunning, self } from "./processes.mjs";
import { command, progress } from "./progress.mjs";
import { sourceDigest } from "./sources.mjs";

const buildRoot = inRoot(".build");
const nextBin = inRoot("node_modules/next/dist/bin/next");

/**
 * Where the build of the sources as they are now is, or null when there is none.
 * @param {string} [digest]
 * @returns {string | null}
 */
export function currentBuild(digest = sourceDigest()) {
  const dir = path.join(buildRoot, digest);
  return fs.existsSync(path.join(dir, "stamp")) ? dir : null;
}

/**
 * Builds when the sources are newer than the build, and marks the build as used by this process until it ends.
 * Each build has its own directory, named after its sources and put in place whole: a killed build is never started
 * and a running copy keeps its own.
 * @returns {Promise<string>} the build's directory
 */
export async function build() {
  const ready = currentBuild();
  if (ready) return use(ready);
  return withLock(
    path.join(buildRoot, "build.lock"),
    async () => {
      const digest = sourceDigest();
      const made = currentBuild(digest) ?? (await progress("Building", () => make(digest)));
      use(made);
      prune(made);
      return made;
    },
    (holder) => console.error(`Another launcher (pid ${holder.pid}) is building; waiting for it …`),
  );
}

/** @param {string} digest */
async function make(digest) {
  checkEntries();
  const draft = path.join(buildRoot, `new-${randomBytes(4).toString("hex")}`);
  for (const name of fs.readdirSync(buildRoot))
    if (name.startsWith("new-")) fs.rmSync(path.join(buildRoot, name), { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true });
  try {
    await bundleEntries(draft);
    await Promise.all([buildAdaptors(draft), buildPages(draft)]);
    fs.writeFileSync(path.join(draft, "stamp"), new Date().toISOString());
    const place = path.join(buildRoot, digest);
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(draft, place);
    return place;
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/**
 * The adaptors that come with the installation, compiled once so that the sample runs without a network.
 * @param {string} draft
 */
const buildAdaptors = (draft) =>
  command(process.execPath, [path.join(draft, "build-builtins.mjs"), path.join(draft, "adaptors")], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production" },
    explain: (_, reason) => `The adaptors that come with Waybill could not be built (${reason}); see above.`,
  });

/**
 * Variables by which next.config.mjs knows where its output goes.
 * @param {string} dir
 */
export const nextEnvironment = (dir) => ({ WAYBILL_DIST: path.relative(root, path.join(dir, "next")) });

/** @param {string} draft */
async function buildPages(draft) {
  // Next notes its output's place in these two files; ours is moved afterwards and the files belong to the clone.
  const kept = ["next-env.d.ts"].map((name) => ({ file: inRoot(name), content: read(inRoot(name)) }));
  fs.writeFileSync(path.join(draft, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json" }));
  try {
    await command(process.execPath, [nextBin, "build"], {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: "production",
        NEXT_TELEMETRY_DISABLED: "1",
        ...nextEnvironment(draft),
        WAYBILL_TSCONFIG: path.relative(root, path.join(draft, "tsconfig.json")),
      },
      explain: (_, reason) =>
        `The pages do not build (${reason}); see above. \`git status\` shows what was changed.`,
    });
  } finally {
    for (const { file, content } of kept)
      content === null ? fs.rmSync(file, { force: true }) : fs.writeFileSync(file, content);
  }
  fs.rmSync(path.join(draft, "next", "cache"), { recursive: true, force: true });
}

/** @param {string} file */
const read = (file) => {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
};

/** @param {string} dir */
function use(dir) {
  const users = path.join(dir, "users");
  const mine = keptFile(path.join(users, String(process.pid)));
  mine.keep(JSON.stringify(self()));
  process.once("exit", () => mine.remove());
  return dir;
}

/**
 * Removes builds that nobody alive uses.
 * @param {string} keep
 */
function prune(keep) {
  for (const name of fs.readdirSync(buildRoot)) {
    const dir = path.join(buildRoot, name);
    if (dir === keep || !/^[0-9a-f]{16}$/.test(name)) continue;
    const users = path.join(dir, "users");
    const isUsed =
      fs.existsSync(users) &&
      fs.readdirSync(users).some((user) => {
        try {
          return isRunning(JSON.parse(read(path.join(users, user)) ?? "{}"));
        } catch {
          return false;
        }
      });
    if (!isUsed) fs.rmSync(dir, { recursive: true, force: true });
  }
}
