import type { Database } from "@/db/client";
import type { EmbeddedEngine } from "@/inngest/embedded/engine";
import { againIn, isAway } from "@/inngest/functions/runner-away";
import { RunLane } from "@/inngest/lane/lane";
import type { Env } from "@/lib/env";
import { executeRun } from "@/lib/execution/execute-run";
import { giveUpRun, queueRunAgain } from "@/lib/execution/give-up-run";
import { openingOf } from "@/lib/execution/opening";
import { executionHost } from "./host";

/** The embedded engine's way for runs. Our own rows remember what each step did, so nothing else need to. */
export const runLane = (
  database: Database,
  engine: EmbeddedEngine,
  { ENGINE_CONCURRENCY, PROJECT_CONCURRENCY }: Env,
  onError: (error: unknown, where: string) => void,
): RunLane =>
  new RunLane({
    database,
    engine,
    execute: (runId, loaded) => executeRun(executionHost(), runId, (_, work) => work(), loaded),
    opener: {
      opening: () => openingOf(executionHost()),
      expect: (claim) => executionHost().executor.expect(claim),
    },
    giveUp: (runId, error) => (isAway(error) ? queueRunAgain : giveUpRun)(executionHost(), runId),
    againInMs: (error) => (isAway(error) ? againIn * 1000 : null),
    maxInFlight: ENGINE_CONCURRENCY,
    projectLimit: PROJECT_CONCURRENCY,
    onError,
  });
