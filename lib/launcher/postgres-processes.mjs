// @ts-check
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { end, identify } from "./processes.mjs";
import { stoppedChildren } from "./vitals.mjs";

/** How long `ps` may take on a machine that is busy. */
const toolMs = 30_000;

/**
 * Whether `pid` is a server of this directory: a postmaster's working directory is its data directory.
 * @param {number} pid
 * @param {string} data
 */
export function serves(pid, data) {
  if (process.platform === "linux") {
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(data);
    } catch {
      return false;
    }
  }
  return (
    spawnSync("ps", ["-o", "command=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: toolMs,
    }).stdout?.includes(data) ?? false
  );
}

/**
 * Ends what a killed server left running on `data`: its children hold its shared memory, go on with what they do, and one
 * that was stopped would do so for ever. Elsewhere than on Linux, PostgreSQL itself refuses to start beside them.
 * @param {string} data
 */
export async function endOrphans(data) {
  if (process.platform !== "linux") return;
  const left = fs
    .readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isServer(pid) && serves(pid, data))
    .map((pid) => identify(pid));
  await Promise.all(left.map((orphan) => end(orphan, [["SIGKILL", 5000]])));
}

/** @param {number} pid */
function isServer(pid) {
  try {
    return path.basename(fs.readlinkSync(`/proc/${pid}/exe`)).startsWith("postgres");
  } catch {
    return false;
  }
}

/** @type {Map<number, number>} pid of a stopped child → how often in a row it was seen to be */
const seenStopped = new Map();
const stoppedLooks = 6;

/**
 * Kills children of the server that a signal stopped and nobody wakes: they may hold what all others wait for. The server
 * then restarts itself from its log. To be called once a second.
 * @param {number} pid the server's
 */
export function endStoppedChildren(pid) {
  const stopped = stoppedChildren(pid);
  for (const known of seenStopped.keys()) if (!stopped.includes(known)) seenStopped.delete(known);
  for (const child of stopped) {
    const looks = (seenStopped.get(child) ?? 0) + 1;
    seenStopped.set(child, looks);
    if (looks >= stoppedLooks) void end(identify(child), [["SIGKILL", 0]]);
  }
}
