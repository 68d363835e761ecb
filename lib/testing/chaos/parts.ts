import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { type Stretch, startProxy } from "@/lib/testing/proxy";
import type { Machine } from "./machine";
import type { Namespace } from "./namespaces";
import { childRunning } from "./processes";

export type Role = "web" | "engine" | "runner";
type TcpPlace = { host: string; port: number };

/** A process of the product that faults happen to. */
export type Target = { name: string; pid(): number | null };

/** A machine of its own: the processes of one launcher, and what they reach the others over. */
export type Part = {
  name: string;
  launcher: ChildProcess;
  /** By what they lead to. */
  links: Record<string, Stretch>;
  /** Null where a cut is played by the links. */
  namespace: Namespace | null;
};

/** What a launcher is given to end everything that it started. */
const endWithinMs = 30_000;

/** Where parts and their logs are, and what all of them are told. */
export type Ground = { machine: Machine; data: string; logs: string; env: Record<string, string> };

/**
 * Starts the launcher of one part. `leads` are the places that it is given its own stretch of network to; `tell` makes its
 * environment of their near ends.
 */
export async function startPart(
  { machine, data, logs, env }: Ground,
  { name, role, namespace }: { name: string; role: Role; namespace: Namespace | null },
  leads: Record<string, TcpPlace>,
  tell: (near: (to: string) => TcpPlace) => Record<string, string>,
): Promise<Part> {
  const links: Record<string, Stretch> = {};
  const nearEnds = new Map<string, TcpPlace>();
  for (const [to, place] of Object.entries(leads)) {
    const near = { host: namespace?.ourAddress ?? "127.0.0.1", port: await machine.freePort() };
    const link = await startProxy(place, near);
    machine.onStop(() => link.close());
    links[to] = link;
    nearEnds.set(to, near);
  }
  const dataDir = path.join(data, name);
  fs.mkdirSync(dataDir);
  const told = tell((to) => {
    const near = nearEnds.get(to);
    if (!near) throw new Error(`Nothing leads from ${name} to ${to}.`);
    return near;
  });
  const launcher = machine.startRole(role, {
    env: machine.neutralEnvironment({ ...env, ...told, DATA_DIR: dataDir }),
    namespace: namespace?.name ?? null,
    logFile: path.join(logs, `${name}.log`),
  });
  return { name, launcher, links, namespace };
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

/** The process of a part that runs `script`, whichever it is at the moment. */
export const targetIn = ({ launcher }: Part, name: string, script: string): Target => ({
  name,
  pid: () => childRunning(launcher.pid ?? 0, script),
});
