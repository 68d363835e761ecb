// @ts-check
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** From here on, what follows a request through its awaits costs next to nothing: two fifths of an engine's time before. */
const quick = 24;
const answerMs = 10_000;

/** @param {string} version as `process.version` has it */
const majorOf = (version) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);

/**
 * The Node that serving processes run on: the one that this runs on when it is new enough, else the one that npm brought along
 * for this machine, when it starts here (an old glibc, or flags in NODE_OPTIONS that it does not know, say no).
 * @param {{ version?: string, own?: string, brought?: string | null }} [machine]
 * @returns {string} the path of a program
 */
export function servingNode({
  version = process.version,
  own = process.execPath,
  brought = broughtNode(),
} = {}) {
  if (majorOf(version) >= quick || brought === null) return own;
  const { status, stdout } = spawnSync(brought, ["-v"], { encoding: "utf8", timeout: answerMs });
  return status === 0 && majorOf(stdout) >= quick ? brought : own;
}

/** @returns {string | null} */
function broughtNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `node-${process.platform}-${process.arch}/package.json`,
    );
    const program = path.join(path.dirname(manifest), "bin", "node");
    return fs.existsSync(program) ? program : null;
  } catch {
    return null;
  }
}
