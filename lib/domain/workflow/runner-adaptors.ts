import type { Db } from "@/db/client";
import { env } from "@/lib/env";
import { connectRunner } from "@/lib/runner/client";
import { adaptorResolver, type ResolveAdaptor } from "./adaptors";

/** The resolver of this process: asks the runner that the environment names, knows what is stored without one. */
export function runnerAdaptors(db: Db): ResolveAdaptor {
  const { RUNNER_URL, RUNNER_TOKEN } = env();
  const runner = RUNNER_URL && RUNNER_TOKEN ? connectRunner({ url: RUNNER_URL, token: RUNNER_TOKEN }) : null;
  return adaptorResolver(db, runner);
}
