import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { jobs, messages, runs, snapshots, workflows, workOrders } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { refuseOfTest } from "@/lib/domain/message/of-test";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { completeGraph } from "@/lib/workflow/complete";
import { downstreamJobs } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { NewRun } from "./create";

const version = z.enum(["latest", "original"]).default("latest");

/** One job of a message, one workflow, or every workflow that has processed it. */
export const rerunMessageInput = z.strictObject({
  messageId: z.uuid(),
  jobId: z.uuid().optional(),
  workflowId: z.uuid().optional(),
  version,
});

/** A whole run again, or from one of its steps on. */
export const rerunRunInput = z.strictObject({ runId: z.uuid(), fromStepId: z.uuid().optional(), version });

/** A work order that was rejected. */
export const releaseInput = z.strictObject({ workOrderId: z.uuid(), version });

/** A run that a rerun would queue. Without a work order it opens one. */
export type PlannedRun = Omit<NewRun, "workOrderId"> & { workOrderId: string | null; versions: Versions };

/** Snapshots: the one that ran then, and the workflow's present one. */
type Versions = { original: string; latest: string };

/** What a rerun of a message comes to; changes nothing. Throws Refusal when it cannot be done. */
export async function planMessage(
  ctx: Context,
  tx: Db,
  { messageId, jobId, workflowId, version }: z.output<typeof rerunMessageInput>,
): Promise<PlannedRun[]> {
  const [message] = await tx
    .select({ source: messages.source })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, messageId)));
  if (!message) throw notFound("The message");
  refuseOfTest(message);
  return jobId
    ? [await planJob(ctx, tx, messageId, jobId, version)]
    : planWorkflows(ctx, tx, messageId, workflowId, version);
}

type Order = {
  id: string | null;
  workflowId: string;
  snapshotId: string;
  triggerId: string | null;
  dataclipId: string | null;
};

async function planWorkflows(
  ctx: Context,
  tx: Db,
  messageId: string,
  only: string | undefined,
  version: Version,
): Promise<PlannedRun[]> {
  const orders = await ordersOf(ctx, tx, messageId, only);
  if (orders.length === 0 && only) orders.push(await newOrder(ctx, tx, only));
  if (orders.length === 0)
    throw invalid("No workflow has processed this message yet. Choose the workflow to process it with.");
  const planned: PlannedRun[] = [];
  for (const order of orders) planned.push(await planOrder(ctx, tx, { ...order, messageId }, version));
  return planned;
}

/** From the work order's trigger on. */
async function planOrder(
  ctx: Context,
  tx: Db,
  order: Order & { messageId: string | null },
  version: Version,
): Promise<PlannedRun> {
  const { snapshotId, graph, versions } = await versionOf(ctx, tx, order, version);
  const trigger = graph.triggers.find((t) => t.id === order.triggerId) ?? graph.triggers[0];
  if (!trigger)
    throw conflict(
      "The workflow has no trigger any more, so there is nowhere to start. Rerun one of its jobs instead.",
    );
  return {
    workOrderId: order.id,
    workflowId: order.workflowId,
    snapshotId,
    graph,
    messageId: order.messageId,
    start: { triggerId: trigger.id },
    dataclipId: order.dataclipId,
    versions,
  };
}

/** The first run of a work order that the plan has kept from running. Throws `conflict` when it is not rejected any more. */
export async function planRejected(
  ctx: Context,
  tx: Db,
  { workOrderId, version }: z.output<typeof releaseInput>,
): Promise<PlannedRun & { workOrderId: string }> {
  const [order] = await tx
    .select({ ...orderColumns, messageId: workOrders.messageId, state: workOrders.state })
    .from(workOrders)
    .where(and(eq(workOrders.projectId, ctx.project.id), eq(workOrders.id, workOrderId)))
    // Two people who release it at once: the second finds it released.
    .for("no key update");
  if (!order) throw notFound("The work order");
  if (order.state !== "rejected")
    throw conflict(`This work order is ${order.state}, not rejected, so there is nothing to release.`);
  return { ...(await planOrder(ctx, tx, order, version)), workOrderId };
}

async function planJob(
  ctx: Context,
  tx: Db,
  messageId: string,
  jobId: string,
  version: Version,
): Promise<PlannedRun> {
  const [last] = await rows<{
    id: string;
    runId: string;
    workOrderId: string;
    snapshotId: string;
    inputDataclipId: string | null;
  }>(
    tx,
    sql`select s.id, s.run_id as "runId", r.work_order_id as "workOrderId", r.snapshot_id as "snapshotId", s.input_dataclip_id as "inputDataclipId"
        from steps s join runs r on r.id = s.run_id
        where s.message_id = ${messageId} and s.job_id = ${jobId} and s.project_id = ${ctx.project.id}
        order by s.started_at desc, s.id desc limit 1`,
  );
  const order = last
    ? await orderById(ctx, tx, last.workOrderId)
    : await orderForJob(ctx, tx, messageId, jobId);
  const { snapshotId, graph, versions } = await versionOf(ctx, tx, order, version, last?.snapshotId);
  requireJob(graph, jobId);
  return {
    workOrderId: order.id,
    workflowId: order.workflowId,
    snapshotId,
    graph,
    messageId,
    start: { jobId },
    dataclipId: last ? last.inputDataclipId : order.dataclipId,
    linkedStepIds: last ? await upstreamSteps(ctx, tx, last.runId, graph, jobId) : [],
    versions,
  };
}

/** What a rerun of a run comes to; changes nothing. Throws Refusal when it cannot be done. */
export async function planRun(
  ctx: Context,
  tx: Db,
  { runId, fromStepId, version }: z.output<typeof rerunRunInput>,
): Promise<PlannedRun> {
  const [run] = await tx
    .select({
      workOrderId: runs.workOrderId,
      snapshotId: runs.snapshotId,
      messageId: runs.messageId,
      dataclipId: runs.dataclipId,
      triggerId: runs.startingTriggerId,
      jobId: runs.startingJobId,
    })
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.projectId, ctx.project.id)));
  if (!run) throw notFound("The run");
  const order = await orderById(ctx, tx, run.workOrderId);
  const { snapshotId, graph, versions } = await versionOf(ctx, tx, order, version, run.snapshotId);
  const step = fromStepId ? await stepOf(ctx, tx, runId, fromStepId) : null;
  const startJob = step?.jobId ?? run.jobId;
  if (startJob) requireJob(graph, startJob);
  const trigger = graph.triggers.find((t) => t.id === run.triggerId) ?? graph.triggers[0];
  if (!startJob && !trigger)
    throw conflict("The workflow has no trigger any more. Rerun one of its jobs instead.");
  return {
    workOrderId: order.id,
    workflowId: order.workflowId,
    snapshotId,
    graph,
    messageId: run.messageId,
    start: startJob ? { jobId: startJob } : { triggerId: trigger?.id ?? "" },
    dataclipId: step ? (step.inputDataclipId ?? run.dataclipId) : run.dataclipId,
    linkedStepIds: startJob ? await upstreamSteps(ctx, tx, runId, graph, startJob) : [],
    versions,
  };
}

type Version = z.infer<typeof version>;

async function ordersOf(
  ctx: Context,
  tx: Db,
  messageId: string,
  workflowId: string | undefined,
): Promise<Order[]> {
  return rows<Order>(
    tx,
    sql`select distinct on (o.workflow_id) o.id, o.workflow_id as "workflowId", o.snapshot_id as "snapshotId", o.trigger_id as "triggerId", o.dataclip_id as "dataclipId"
        from (
          select * from work_orders o where o.project_id is not distinct from ${ctx.project.id} and o.message_id = ${messageId} offset 0
        ) o join workflows w on w.id = o.workflow_id and w.deleted_at is null
        where true ${workflowId ? sql`and o.workflow_id = ${workflowId}::uuid` : sql``}
        order by o.workflow_id, o.id desc`,
  );
}

const orderColumns = {
  id: workOrders.id,
  workflowId: workOrders.workflowId,
  snapshotId: workOrders.snapshotId,
  triggerId: workOrders.triggerId,
  dataclipId: workOrders.dataclipId,
};

async function orderById(ctx: Context, tx: Db, id: string): Promise<Order> {
  const [order] = await tx
    .select(orderColumns)
    .from(workOrders)
    .where(and(eq(workOrders.projectId, ctx.project.id), eq(workOrders.id, id)));
  if (!order) throw notFound("The work order");
  return order;
}

/** The message's work order of the workflow that has the job, or a new one: processing by hand. */
async function orderForJob(ctx: Context, tx: Db, messageId: string, jobId: string): Promise<Order> {
  const [job] = await tx
    .select({ workflowId: jobs.workflowId })
    .from(jobs)
    .where(and(eq(jobs.id, jobId), eq(jobs.projectId, ctx.project.id)));
  if (!job) throw notFound("The job");
  const [order] = await ordersOf(ctx, tx, messageId, job.workflowId);
  return order ?? newOrder(ctx, tx, job.workflowId);
}

async function newOrder(ctx: Context, tx: Db, workflowId: string): Promise<Order> {
  const { snapshotId } = await livingWorkflow(ctx, tx, workflowId);
  return { id: null, workflowId, snapshotId, triggerId: null, dataclipId: null };
}

async function livingWorkflow(ctx: Context, tx: Db, workflowId: string): Promise<{ snapshotId: string }> {
  const [workflow] = await tx
    .select({ snapshotId: workflows.snapshotId })
    .from(workflows)
    .where(
      and(eq(workflows.projectId, ctx.project.id), eq(workflows.id, workflowId), isNull(workflows.deletedAt)),
    );
  if (!workflow?.snapshotId)
    throw conflict(
      "This workflow was deleted, so it cannot be run again. Choose another one in the message's Rerun menu.",
    );
  return { snapshotId: workflow.snapshotId };
}

/** `ranOn`: the version of the run that is done again, where it is one run; else that of the work order. */
async function versionOf(
  ctx: Context,
  tx: Db,
  order: Order,
  version: Version,
  ranOn = order.snapshotId,
): Promise<{ snapshotId: string; graph: WorkflowGraph; versions: Versions }> {
  const latest = await livingWorkflow(ctx, tx, order.workflowId);
  const snapshotId = version === "original" ? ranOn : latest.snapshotId;
  const [snapshot] = await tx
    .select({ graph: snapshots.graph })
    .from(snapshots)
    .where(and(eq(snapshots.id, snapshotId), eq(snapshots.projectId, ctx.project.id)));
  if (!snapshot) throw notFound("This version of the workflow");
  const versions = { original: ranOn, latest: latest.snapshotId };
  return { snapshotId, graph: completeGraph(snapshot.graph), versions };
}

function requireJob(graph: WorkflowGraph, jobId: string): void {
  if (!graph.jobs.some((job) => job.id === jobId))
    throw conflict("The job is not in the workflow any more. Rerun it on the version that ran then.");
}

async function stepOf(ctx: Context, tx: Db, runId: string, stepId: string) {
  const [step] = await rows<{ jobId: string; inputDataclipId: string | null }>(
    tx,
    sql`select job_id as "jobId", input_dataclip_id as "inputDataclipId" from steps where id = ${stepId} and project_id = ${ctx.project.id}
        and (run_id = ${runId} or id in (select step_id from run_steps where run_id = ${runId}))`,
  );
  if (!step) throw notFound("The step");
  return step;
}

/** Steps of the earlier run that do not come after the start: they count as done and are not run again. */
async function upstreamSteps(
  ctx: Context,
  tx: Db,
  runId: string,
  graph: WorkflowGraph,
  jobId: string,
): Promise<string[]> {
  const again = new Set([jobId, ...downstreamJobs(graph, { jobId })]);
  const found = await rows<{ id: string; jobId: string }>(
    tx,
    sql`select id, job_id as "jobId" from steps where project_id = ${ctx.project.id} and run_id = ${runId}
        union select s.id, s.job_id from run_steps l join steps s on s.id = l.step_id and s.project_id = ${ctx.project.id} where l.run_id = ${runId}`,
  );
  return found.filter((step) => !again.has(step.jobId)).map((step) => step.id);
}
