import { database } from "@/db/client";
import { forgetMentions } from "@/inngest/embedded/forget";
import { artefactStore } from "@/lib/domain/adaptor/artefacts";
import { openCredential } from "@/lib/domain/credential/open";
import type { Purger } from "@/lib/domain/purge/due";
import { adaptorResolver, type ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { env } from "@/lib/env";
import { HeldStates } from "@/lib/execution/held";
import type { ExecutionHost } from "@/lib/execution/host";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import type { ExecutionStorage } from "@/lib/execution/storage";
import { announce } from "@/lib/live/shared";
import { Refusal } from "@/lib/refusal";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import { withArtefacts } from "@/lib/runner/with-artefacts";

/** Where the parts meet: what verbs and runs are given by the process that they happen in. One of each a process. */

let shared: Runner | null | undefined;

/** The runner that the environment names, null when it names none. One client: it keeps its connections. */
export function sharedRunner(): Runner | null {
  const { RUNNER_URL: url, RUNNER_TOKEN: token } = env();
  if (shared === undefined)
    shared = url && token ? withArtefacts(connectRunner({ url, token }), artefactStore(database().db)) : null;
  return shared;
}

/** The runner that the environment names. Throws `unavailable` when it names none. */
export function runner(): Runner {
  const known = sharedRunner();
  if (!known)
    throw new Refusal(
      "unavailable",
      "RUNNER_URL and RUNNER_TOKEN are not set: start Waybill with `npm start`, which starts a runner.",
    );
  return known;
}

/** Pins adaptors: asks the runner, knows what is stored without one. */
export const resolveAdaptor: ResolveAdaptor = (name, spec) =>
  adaptorResolver(database().db, sharedRunner())(name, spec);

/** What deleting for good needs. The embedded engine's tables are empty, or not there, where a real Inngest is used. */
export const purger = (): Purger => ({
  database: database(),
  announce,
  forgetInEngine: (projectId, pace) => forgetMentions(database(), "durable", projectId, pace),
});

const held = new HeldStates();

let storage: ExecutionStorage | undefined;

/** One storage, because what it is asked for at the same time goes together. */
function sharedStorage(): ExecutionStorage {
  storage ??= postgresStorage(database());
  return storage;
}

export const executionHost = (): ExecutionHost => ({
  storage: sharedStorage(),
  runner: runner(),
  credentials: { open: (id, projectId) => openCredential(database().db, id, projectId) },
  held,
  announce,
  clock: () => new Date(),
  stepTimeoutMs: env().STEP_TIMEOUT_MS,
  memoryMb: env().STEP_MEMORY_MB,
});
