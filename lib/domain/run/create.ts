import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { actorUserId, type Context } from "@/lib/domain/context";
import { holdNeeded } from "@/lib/domain/retention/needed";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { queueAttempt } from "@/lib/queue/queue";
import { conflict } from "@/lib/refusal";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { requireState } from "./payloads";

/** Seed 1: the same message–job combination creates a run at most once per this many seconds. */
export const minSecondsBetweenStarts = 10;

export type NewRun = {
  workOrderId: string;
  workflowId: string;
  snapshotId: string;
  graph: WorkflowGraph;
  messageId: string | null;
  start: { triggerId: string } | { jobId: string };
  /** Input of the start; null = the message. */
  dataclipId: string | null;
  /** Steps of earlier runs that this one continues from. */
  linkedStepIds?: string[];
};

/** Queues one more run of a work order, ahead of what arrives by itself. The caller's `write` commits and announces it. */
export async function createRun(ctx: Context, tx: Db, input: NewRun): Promise<string> {
  if (input.messageId) await refuseTooSoon(ctx, tx, input.messageId, startJobs(input));
  await holdNeeded(tx, ctx.project.id, input, { asInput: !input.dataclipId });
  if (input.dataclipId) await requireState(ctx, tx, input.dataclipId);
  const { start, linkedStepIds = [], graph: _, ...attempt } = input;
  const run = await queueAttempt(tx, {
    ...attempt,
    projectId: ctx.project.id,
    triggerId: "triggerId" in start ? start.triggerId : null,
    jobId: "jobId" in start ? start.jobId : null,
    createdBy: actorUserId(ctx.actor),
    linkedStepIds,
  });
  return run.id;
}

/** The jobs a run begins with. */
export function startJobs({ graph, start }: Pick<NewRun, "graph" | "start">): string[] {
  if ("jobId" in start) return [start.jobId];
  return graph.edges
    .filter((e) => e.enabled && e.sourceTriggerId === start.triggerId)
    .map((e) => e.targetJobId);
}

async function refuseTooSoon(ctx: Context, tx: Db, messageId: string, jobIds: string[]): Promise<void> {
  if (jobIds.length === 0) return;
  // Two people pressing at once wait for each other here.
  for (const jobId of [...jobIds].sort())
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${messageId}/${jobId}`}, 0))`);
  const ids = sql`${sql.param(jobIds)}::uuid[]`;
  const [last] = await rows<{ waitSeconds: number | null }>(
    tx,
    sql`select ceil(${minSecondsBetweenStarts} - extract(epoch from clock_timestamp() - max(at)))::int as "waitSeconds" from (
          select started_at as at from steps where project_id is not distinct from ${ctx.project.id} and message_id = ${messageId} and job_id = any(${ids})
          union all
          select r.created_at from runs r where ${isOfMessage("r", ctx.project.id, sql`o.message_id = ${messageId}::uuid`)} and r.starting_job_id = any(${ids})
        ) starts`,
  );
  const waitSeconds = last?.waitSeconds ?? 0;
  if (waitSeconds > 0)
    throw conflict(
      `This job was started for this message a moment ago. The same job and message start at most once in ${minSecondsBetweenStarts} seconds: try again in ${waitSeconds} s.`,
      undefined,
      waitSeconds,
    );
}
