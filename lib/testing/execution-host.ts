import { artefactStore } from "@/lib/domain/adaptor/artefacts";
import { openCredential } from "@/lib/domain/credential/open";
import { HeldStates } from "@/lib/execution/held";
import type { ExecutionHost } from "@/lib/execution/host";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import type { Runner } from "@/lib/runner/contract";
import { withArtefacts } from "@/lib/runner/with-artefacts";
import { testDatabase } from "./database";

/** What lib/processes/host.ts gives to runs, on the test run's database and with this runner. Announces to nobody. */
export function testExecutionHost(runner: Runner): ExecutionHost {
  const database = testDatabase();
  return {
    storage: postgresStorage(database),
    runner: withArtefacts(runner, artefactStore(database.db)),
    credentials: { open: (id, projectId) => openCredential(database.db, id, projectId) },
    held: new HeldStates(),
    announce: () => {},
    clock: () => new Date(),
    stepTimeoutMs: 1_000,
    memoryMb: 128,
    isStopping: () => false,
  };
}
