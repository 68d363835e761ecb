import type { z } from "zod";
import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { lockLines } from "@/lib/queue/lines";
import { openWorkOrder } from "@/lib/queue/queue";
import { bringBackFor } from "./bring-back";
import { createRun } from "./create";
import { type PlannedRun, planMessage, planRun, rerunMessageInput, rerunRunInput } from "./rerun-plan";
import type { startedRuns } from "./types";

/**
 * Processes a message again. A job that has run for it starts from the input it had, counting the steps before it as
 * done; one that has not starts from the message. Returns the new runs' ids.
 */
export async function rerunMessage(
  ctx: Context,
  input: z.input<typeof rerunMessageInput>,
): Promise<z.infer<typeof startedRuns>> {
  const asked = rerunMessageInput.parse(input);
  const { messageId, jobId, workflowId, version } = asked;
  await bringBackFor(ctx, "run.rerun", [messageId]);
  return write(ctx, "run.rerun", async (tx) => {
    const runIds = await start(ctx, tx, await planMessage(ctx, tx, asked));
    return {
      result: { runIds },
      audit: { event: "run.rerun", itemId: messageId, after: { runIds, jobId, workflowId, version } },
      changed: null,
    };
  });
}

/** Runs again what a run did, on the work order it belongs to. */
export async function rerunRun(
  ctx: Context,
  input: z.input<typeof rerunRunInput>,
): Promise<z.infer<typeof startedRuns>> {
  const asked = rerunRunInput.parse(input);
  const { runId, fromStepId, version } = asked;
  await bringBackFor(ctx, "run.rerun", [runId]);
  return write(ctx, "run.rerun", async (tx) => {
    const runIds = await start(ctx, tx, [await planRun(ctx, tx, asked)]);
    return {
      result: { runIds },
      audit: { event: "run.rerun", itemId: runId, after: { runIds, fromStepId, version } },
      changed: { runs: [runId] },
    };
  });
}

async function start(ctx: Context, tx: Db, planned: PlannedRun[]): Promise<string[]> {
  const runIds: string[] = [];
  if (planned.length > 1) await lockLines({ query: queryOf(tx) }, ctx.project.id, planned);
  for (const { workOrderId, versions: _, ...plan } of planned)
    runIds.push(
      await createRun(ctx, tx, { ...plan, workOrderId: workOrderId ?? (await open(ctx, tx, plan)) }),
    );
  return runIds;
}

/** Processing by hand what no trigger of the workflow asked for. */
const open = (
  ctx: Context,
  tx: Db,
  { workflowId, snapshotId, messageId }: Pick<PlannedRun, "workflowId" | "snapshotId" | "messageId">,
): Promise<string> => openWorkOrder(tx, { projectId: ctx.project.id, workflowId, snapshotId, messageId });
