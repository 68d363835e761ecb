import fs from "node:fs";

const pageBytes = 4096;
const bytesPerMb = 1024 * 1024;
/** Of Linux, whatever the kernel was built with. */
const msPerTick = 10;

function read(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** The last process of a chain of only children: the worker below `unshare` or `bwrap`. */
export function leafPid(pid: number): number {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.trim().split(" ").filter(Boolean) ?? [];
  const only = children.length === 1 ? Number(children[0]) : null;
  return only === null ? pid : leafPid(only);
}

/** What stands in the process's `stat` behind its name, in which anything may stand: from its state on. */
function statOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
}

/** Resident memory, null where there is no /proc or the process has gone. */
export const residentMb = (pid: number): number | null => usage(pid)?.residentMb ?? null;

/** Memory that is resident, and processor time so far of all its threads; null where there is no /proc or it has gone. */
export function usage(pid: number): { residentMb: number; cpuMs: number } | null {
  const stat = statOf(pid);
  if (stat.length === 0) return null;
  const [user, system, pages] = [stat[11], stat[12], stat[21]].map(Number);
  return {
    residentMb: ((pages ?? 0) * pageBytes) / bytesPerMb,
    cpuMs: ((user ?? 0) + (system ?? 0)) * msPerTick,
  };
}

/** Whether it runs, or would if it had a core. */
export const isComputing = (pid: number): boolean => statOf(pid)[0] === "R";

/** When the process started, in clock ticks since boot: with the pid, an identity that is never used again. */
export const startTime = (pid: number): string | null => statOf(pid)[19] ?? null;

/** Whether a signal has stopped the process. */
export const isStopped = (pid: number): boolean => statOf(pid)[0] === "T";

/** Memory not shared with other processes, null where the kernel does not tell. */
export function privateMb(pid: number): number | null {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  if (!rollup) return null;
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].map((match) =>
    Number(match[1]),
  );
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}
