import type { z } from "zod";
import { stopIfHungUp } from "@/db/deadline";
import { csvOf } from "@/lib/csv";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";

import { listRuns, type runFilter } from "./list";
import type { RunRow } from "./types";

/** Runs in one file. */
const maxRuns = 10_000;
const pageSize = 100;
/** A text search may look through very many runs to find few: then the file is shorter. */
const budgetMs = 20_000;

const columns: [string, (run: RunRow) => string | number | null][] = [
  ["run", ({ id }) => id],
  ["state", ({ state, handled }) => (handled ? "success (failed, handled)" : state)],
  ["workflow", ({ workflowName }) => workflowName],
  [
    "steps",
    ({ steps }) =>
      steps.map(({ jobName, exitReason }) => `${jobName}: ${exitReason ?? "running"}`).join("; "),
  ],
  ["error_type", ({ errorType }) => errorType],
  ["error_message", ({ errorMessage }) => errorMessage],
  ["created_at", ({ createdAt }) => createdAt],
  ["started_at", ({ startedAt }) => startedAt],
  ["finished_at", ({ finishedAt }) => finishedAt],
  ["message", ({ messageId }) => messageId],
  ["work_order", ({ workOrderId }) => workOrderId],
];

export type ExportedRuns = {
  csv: string;
  runs: number /** Where the next file begins; null when everything was looked at. */;
  nextCursor: string | null;
};

/**
 * The activity history under a filter as a CSV file, newest first, of at most 10,000 runs. Throws as `listRuns` does.
 */
export async function exportRuns(
  ctx: Context,
  filter: z.input<typeof runFilter> & { cursor?: string | undefined },
): Promise<ExportedRuns> {
  requirePermission(ctx, "run.read");
  const until = performance.now() + budgetMs;
  const found: RunRow[] = [];
  let cursor: string | null | undefined = filter.cursor;
  do {
    const page: Awaited<ReturnType<typeof listRuns>> = await listRuns(ctx, {
      ...filter,
      limit: pageSize,
      ...(cursor ? { cursor } : {}),
    });
    stopIfHungUp();
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && found.length < maxRuns && performance.now() < until);
  return { csv: csvOf(columns, found), runs: found.length, nextCursor: cursor ?? null };
}
