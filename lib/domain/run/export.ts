import type { z } from "zod";
import { stopIfHungUp } from "@/db/deadline";
import { csvLines, csvOf } from "@/lib/csv";
import type { Context } from "@/lib/domain/context";
import { requireDownload } from "@/lib/domain/mask/download";
import { requirePermission } from "@/lib/domain/permissions";
import { FairQueue } from "@/lib/net/fair-queue";
import { Refusal } from "@/lib/refusal";
import { listRuns, type runFilter } from "./list";
import type { RunRow } from "./types";

/** Of one file: the runs, and the characters from which on no more are added; a run may have very many steps. */
const usual = { runs: 10_000, characters: 20_000_000, pageSize: 100 };
/** A text search may look through very many runs to find few: then the file is shorter. */
const budgetMs = 20_000;

const columns: [string, (run: RunRow) => string | number | null][] = [
  ["run", ({ id }) => id],
  ["state", ({ state, handled }) => (handled ? "success (failed, handled)" : state)],
  ["workflow", ({ workflowName }) => workflowName],
  [
    "steps",
    ({ steps, stepTotal }) =>
      [
        ...steps.map(({ jobName, exitReason }) => `${jobName}: ${exitReason ?? "running"}`),
        ...(stepTotal > steps.length ? [`and ${stepTotal - steps.length} more`] : []),
      ].join("; "),
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
 * The activity history under a filter as a CSV file, newest first, of at most 10,000 runs. Throws as `listRuns` does, and
 * `limit` while another file of the project is made and others wait for theirs.
 */
export async function exportRuns(ctx: Context, filter: Filter, bounds = usual): Promise<ExportedRuns> {
  requirePermission(ctx, "run.read");
  await requireDownload(ctx);
  const file = await files.runWithin(ctx.project.id, patienceMs, () => fileOf(ctx, filter, bounds));
  stopIfHungUp();
  if (file !== "full" && file !== "late") return file;
  throw new Refusal(
    "limit",
    `Another file of this project is made just now. Try again in ${retryAfterSeconds} seconds.`,
    undefined,
    retryAfterSeconds,
  );
}

type Filter = z.input<typeof runFilter> & { cursor?: string | undefined };

/** Each is in memory until it is sent. */
const files = new FairQueue({ total: 4, perTenant: 1, maxWaiting: 2 });
const patienceMs = 10_000;
const retryAfterSeconds = 10;

async function fileOf(ctx: Context, filter: Filter, bounds: typeof usual): Promise<ExportedRuns> {
  const until = performance.now() + budgetMs;
  let csv = csvOf(columns, []);
  let runs = 0;
  let cursor: string | null | undefined = filter.cursor;
  do {
    const page: Awaited<ReturnType<typeof listRuns>> = await listRuns(ctx, {
      ...filter,
      limit: bounds.pageSize,
      ...(cursor ? { cursor } : {}),
    });
    stopIfHungUp();
    csv += csvLines(columns, page.items);
    runs += page.items.length;
    cursor = page.nextCursor;
  } while (cursor && runs < bounds.runs && csv.length < bounds.characters && performance.now() < until);
  return { csv, runs, nextCursor: cursor ?? null };
}
