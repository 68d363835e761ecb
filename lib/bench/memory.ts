import fs from "node:fs";
import path from "node:path";
import { z } from "zod";

const runFile = z.object({ launcher: z.object({ pid: z.number() }) });

/** The launcher of the Waybill that has this data directory. Throws when none runs. */
export const launcherOf = (dataDir: string): number =>
  runFile.parse(JSON.parse(fs.readFileSync(path.join(dataDir, "run.json"), "utf8"))).launcher.pid;

const childrenOf = (pid: number): number[] =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .filter(Boolean)
    .map(Number);

/** Proportional memory of a process and everything it started, in MB, by /proc. */
export function memoryMb(pid: number): number {
  const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kb = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  return kb / 1024 + childrenOf(pid).reduce((sum, child) => sum + memoryMb(child), 0);
}

/** Of Linux, whatever the kernel was built with. */
const ticksPerSecond = 100;

/**
 * Processor time that a process and everything it started have had, in milliseconds, by /proc: what the machine's other
 * guests do changes it little. Those that have ended count with whoever has waited for them.
 */
export function processorMs(pid: number): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold blanks. After it: state, then ten fields, then utime, stime, cutime, cstime.
    const times = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15)
      .map(Number);
    const own = (times.reduce((sum, ticks) => sum + ticks, 0) * 1_000) / ticksPerSecond;
    return childrenOf(pid).reduce((sum, child) => sum + processorMs(child), own);
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
