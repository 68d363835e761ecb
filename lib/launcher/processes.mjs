// @ts-check
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A process for good: a pid alone may belong to somebody else by the time we look.
 * @typedef {{ pid: number, start: string | null }} Identity
 */
/**
 * How a process is ended: signals in turn, each with the time in milliseconds that it is given.
 * @typedef {readonly (readonly [NodeJS.Signals, number])[]} GraceSteps
 */

/**
 * The fields of a process in Linux's /proc/<pid>/stat from its state on, or null when it is gone.
 * @param {number} pid
 * @returns {string[] | null}
 */
export function statOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name, in parentheses, may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/**
 * When a process began, in the system's own notation, or null when it is gone.
 * @param {number} pid
 * @returns {string | null}
 */
export function startOf(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === "linux") {
    const fields = statOf(pid);
    return fields?.[0] === "Z" || fields?.[0] === "X" ? null : (fields?.[19] ?? null);
  }
  const shown = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return shown.status === 0 ? shown.stdout.trim() || null : null;
}

/**
 * @param {number | undefined} pid
 * @returns {Identity}
 */
export const identify = (pid = 0) => ({ pid, start: startOf(pid) });
export const self = () => identify(process.pid);

/**
 * Whether exactly this process still runs.
 * @param {Identity | null | undefined} identity
 * @returns {boolean}
 */
export const isRunning = (identity) => (identity?.start ? startOf(identity.pid) === identity.start : false);

/**
 * Waits until `condition` holds. Resolves to whether it did within `timeoutMs`.
 * @param {() => unknown} condition may answer with a promise
 * @param {number} timeoutMs
 * @param {number} [everyMs]
 * @returns {Promise<boolean>}
 */
export async function until(condition, timeoutMs, everyMs = 25) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= end) return false;
    await sleep(everyMs);
  }
}

/** What a process that is to hurry may still take. */
const hurriedMs = 3_000;

/** @param {number} pid @param {NodeJS.Signals} name */
const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch {}
};

/**
 * Ends a process of ours by its identity: each signal in turn, with the time it is given. Once `hurry` is aborted, the
 * first signal is sent again and only `hurriedMs` are waited for before the next.
 * @param {Identity | null | undefined} identity
 * @param {GraceSteps} [steps]
 * @param {AbortSignal} [hurry]
 */
export async function end(
  identity,
  steps = [
    ["SIGTERM", 3000],
    ["SIGKILL", 2000],
  ],
  hurry,
) {
  for (const [name, graceMs] of steps) {
    if (!identity || !isRunning(identity)) return;
    const wasHurried = hurry?.aborted;
    signal(identity.pid, name);
    const isOver = () => !isRunning(identity) || (!wasHurried && hurry?.aborted);
    await until(isOver, wasHurried ? Math.min(graceMs, hurriedMs) : graceMs);
    if (wasHurried || !hurry?.aborted || !isRunning(identity)) continue;
    signal(identity.pid, name);
    await until(() => !isRunning(identity), Math.min(graceMs, hurriedMs));
  }
}
