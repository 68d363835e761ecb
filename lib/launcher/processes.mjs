import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * When a process began, in the system's own notation, or null when it is gone. With the pid it names a process for
 * good: a pid alone may belong to somebody else by the time we look.
 */
export function startOf(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === "linux") {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command's name, in parentheses, may hold spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? null : fields[19];
    } catch {
      return null;
    }
  }
  const shown = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return shown.status === 0 ? shown.stdout.trim() || null : null;
}

export const identify = (pid) => ({ pid, start: startOf(pid) });
export const self = () => identify(process.pid);

/** Whether exactly this process still runs. */
export const isRunning = (identity) => Boolean(identity?.start) && startOf(identity.pid) === identity.start;

/** Waits until `condition` holds. Resolves to whether it did within `timeoutMs`. */
export async function until(condition, timeoutMs, everyMs = 25) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= end) return false;
    await sleep(everyMs);
  }
}

const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch {}
};

/** Ends a process of ours by its identity: each signal in turn, with the time it is given. */
export async function end(
  identity,
  steps = [
    ["SIGTERM", 3000],
    ["SIGKILL", 2000],
  ],
) {
  for (const [name, graceMs] of steps) {
    if (!isRunning(identity)) return;
    signal(identity.pid, name);
    await until(() => !isRunning(identity), graceMs);
  }
}
