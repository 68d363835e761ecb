import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";

/** What the launcher writes into the data directory's run.json, as far as the measures need it. */
const runFile = z.object({
  launcher: z.object({ pid: z.number() }),
  processes: z.record(z.string(), z.object({ pid: z.number() })),
});

/** Proportional memory of a process and everything it started, in MB, by /proc. */
function memoryMb(pid: number): number {
  const children = fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .filter(Boolean)
    .map(Number);
  const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kb = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  return kb / 1024 + children.reduce((sum, child) => sum + memoryMb(child), 0);
}

const { values } = parseArgs({ options: { url: { type: "string" }, "data-dir": { type: "string" } } });
const run = runFile.parse(
  JSON.parse(fs.readFileSync(path.join(values["data-dir"] ?? ".data", "run.json"), "utf8")),
);
console.log(`memory at rest: ${Math.round(memoryMb(run.launcher.pid))} MB (launcher and all it started)`);
