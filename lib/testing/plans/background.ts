import type { Database } from "@/db/client";
import { engineHealth } from "@/inngest/health";
import { dispatchOutbox } from "@/inngest/outbox";
import { collectIssues } from "@/lib/domain/issue/collect";
import { countDigest } from "@/lib/domain/notice/digest/count";
import { keepPartitions } from "@/lib/domain/partition/keep";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { Case } from "./cases";
import { tenants } from "./fill";

/** What the engine and the health check ask without a person. `database` takes back what it is told to change. */
export const background = (database: Database): Case[] => {
  const host = {
    ...testExecutionHost(new ScriptedRunner()),
    storage: postgresStorage(database),
    // Longer than anything has been running: the sweeper looks, and finds nothing that it would end.
    stepTimeoutMs: 1e12,
  };
  return [
    ["sweepUnfinished", () => sweepUnfinished(host)],
    ["fireDueCronTriggers", () => fireDueCronTriggers(host)],
    ["dispatchOutbox", () => dispatchOutbox({ database, send: async () => {} })],
    ...[null, [...tenants.busy.workflows]].map(
      (workflowIds): Case => [
        workflowIds ? "countDigest of workflows" : "countDigest",
        () =>
          countDigest(
            database,
            { projectId: tenants.busy.project, workflowIds, digest: "monthly", timeZone: "Africa/Nairobi" },
            new Date(),
          ),
      ],
    ),
    ["engineHealth", () => engineHealth(database)],
    ["keepPartitions", () => keepPartitions(database)],
    ["collectIssues", () => collectIssues({ db: database.db, announce: () => {} }, { budgetMs: 0 })],
  ];
};
