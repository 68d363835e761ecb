import type { Db } from "@/db/client";
import { env } from "@/lib/env";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import { adaptorResolver, type ResolveAdaptor } from "./adaptors";

let shared: Runner | null | undefined;

/** One client a process: it keeps its connections. Null when the environment names no runner. */
export function sharedRunner(): Runner | null {
  const { RUNNER_URL, RUNNER_TOKEN } = env();
  shared ??= RUNNER_URL && RUNNER_TOKEN ? connectRunner({ url: RUNNER_URL, token: RUNNER_TOKEN }) : null;
  return shared;
}

/** The resolver of this process: asks the runner that the environment names, knows what is stored without one. */
export const runnerAdaptors = (db: Db): ResolveAdaptor => adaptorResolver(db, sharedRunner());
