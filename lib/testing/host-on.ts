import type { Database } from "@/db/client";
import { signRunToken } from "@/lib/collections/run-token";
import { artefactStore } from "@/lib/domain/adaptor/artefacts";
import { credentialSource } from "@/lib/domain/credential/source";
import { Beginnings } from "@/lib/execution/beginnings";
import { Executor } from "@/lib/execution/executor";
import { HeldStates } from "@/lib/execution/held";
import type { ExecutionHost, Patience } from "@/lib/execution/host";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import type { Runner } from "@/lib/runner/contract";
import type { Runners } from "@/lib/runner/fleet";
import { withArtefacts } from "@/lib/runner/with-artefacts";

/** The life of the one runner of a test. */
const testLife = "0192f3a0-0000-7000-8000-000000000001";

const hurried: Patience = { startMs: 0, offerMs: 0, repeatMs: [0, 0] };

/** A fleet of this one runner, which has one life and all steps. */
function testRunners(runner: Runner): Runners {
  return {
    pick: async () => ({ id: testLife, name: "test", runner }),
    of: () => runner,
    any: () => runner,
    only: () => testLife,
  };
}

/**
 * What lib/processes/host.ts gives to runs, on this database and with this runner: an executor of its own, whose heart beats
 * when somebody asks. Announces to nobody, and waits for nothing.
 */
export function hostOn(database: Database, runner: Runner): ExecutionHost {
  const storage = postgresStorage(database);
  return {
    storage,
    executor: new Executor({ storage, announce: () => {}, beatMs: 0, steadyMs: 0 }),
    beginnings: new Beginnings(),
    runners: testRunners(withArtefacts(runner, artefactStore(database.db))),
    credentials: credentialSource(database.db, { note: () => {} }),
    collectionsToken: (run, forMs) =>
      signRunToken({ ...run, endsAt: Math.ceil((Date.now() + forMs) / 1000) }),
    held: new HeldStates(),
    announce: () => {},
    askForIssues: () => {},
    clock: () => new Date(),
    random: Math.random,
    patience: hurried,
    stepTimeoutMs: 1_000,
    memoryMb: 128,
    isStopping: () => false,
  };
}
