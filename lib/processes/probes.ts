import type { Database } from "@/db/client";
import { asWork, type WorkKind } from "@/db/deadline";
import { env } from "@/lib/env";
import { type ProbedRole, type Probes, probesOf } from "@/lib/probes/probes";
import { type Problem, readiness } from "@/lib/probes/readiness";
import { serveProbes } from "@/lib/probes/server";
import { addressOf } from "@/lib/settings/checks.mjs";
import { isStopping } from "./stopping";

/** An answer of the database that is not older says enough: who is busy with it need not ask it besides. */
const recentMs = 2_000;
const patienceMs = 1_500;

/** Whether the way to the database stands, for this process. A busy pool is no problem: what it is busy with says so. */
export const databaseProblem = (database: Database, kind: WorkKind) => async (): Promise<Problem> => {
  const answeredAt = database.answeredAt();
  if (answeredAt !== null && performance.now() - answeredAt < recentMs) return null;
  try {
    await asWork({ kind, endsAt: performance.now() + patienceMs }, () => database.query("select 1"));
    return null;
  } catch {
    const isAnswering = database.answeredAt() !== answeredAt;
    return isAnswering ? null : "the database does not answer";
  }
};

/**
 * The probes of this process, answered at the address that its setting names, if any, from now until the process ends. A
 * sentence is thrown when nothing can listen there.
 */
export async function startProbes(
  role: ProbedRole,
  check: () => Promise<Problem> | Problem,
): Promise<Probes> {
  const probes = probesOf({ role, problem: readiness(check), isStopping });
  const settings = env();
  const named = {
    inbox: settings.INBOX_PROBE_ADDRESS,
    web: settings.WEB_PROBE_ADDRESS,
    engine: settings.ENGINE_PROBE_ADDRESS,
    runner: settings.RUNNER_PROBE_ADDRESS,
  }[role];
  if (!named) return probes;
  await serveProbes(addressOf(named), probes).catch((error: Error) => {
    throw new Error(`The ${role} cannot answer probes at ${named}: ${error.message}`, { cause: error });
  });
  return probes;
}
