import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import type { Stretch } from "@/lib/testing/proxy";
import type { Machine } from "./machine";
import type { Namespace } from "./namespaces";
import { childRunning } from "./processes";

export type Role = "web" | "engine" | "runner";

/** A process of the product that faults happen to. */
export type Target = { name: string; pid(): number | null };

/** A machine of its own: the processes of one launcher. */
export type Part = {
  name: string;
  launcher: ChildProcess;
  /** Null where a cut is played by `link`. */
  namespace: Namespace | null;
  /** What it reaches the database over; what the others reach it over, for a runner. */
  link: Stretch;
};

/** Where parts and their logs are, and what all of them are told. */
export type Ground = { machine: Machine; data: string; logs: string; env: Record<string, string> };

/** What a launcher is given to end everything that it started. */
const endWithinMs = 30_000;

/** Starts the launcher of one part, which is told `told` besides what all are told. */
export function startPart(
  { machine, data, logs, env }: Ground,
  { role, ...part }: Omit<Part, "launcher"> & { role: Role },
  told: Record<string, string>,
): Part {
  const dataDir = path.join(data, part.name);
  fs.mkdirSync(dataDir);
  const launcher = machine.startRole(role, {
    env: machine.neutralEnvironment({ ...env, ...told, DATA_DIR: dataDir }),
    namespace: part.namespace?.name ?? null,
    logFile: path.join(logs, `${part.name}.log`),
  });
  return { ...part, launcher };
}

/** Ends a part's launcher, which ends what it started. */
export async function endPart({ launcher }: Part): Promise<void> {
  if (hasEnded(launcher)) return;
  const ended = once(launcher, "exit");
  launcher.kill("SIGTERM");
  const timer = setTimeout(() => launcher.kill("SIGKILL"), endWithinMs);
  await ended;
  clearTimeout(timer);
}

export const hasEnded = (launcher: ChildProcess): boolean =>
  launcher.exitCode !== null || launcher.signalCode !== null;

/** The process of a part that runs a role, whichever it is at the moment. */
export const targetIn = ({ launcher }: Part, name: string, role: Role | "inbox"): Target => ({
  name,
  pid: () => childRunning(launcher.pid ?? 0, `${role}.mjs`),
});
