import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import { asksForBytes } from "@/lib/body/for-jobs";
import { actorUserId, type Context } from "@/lib/domain/context";
import { maskFor } from "@/lib/domain/mask/mask";
import { veiledConnections, veiledError, veiledRequests } from "@/lib/domain/mask/veiled";
import { requirePermission } from "@/lib/domain/permissions";
import { jobCode } from "@/lib/domain/workflow/schemas";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { NotStartedError, type Runner, type StepRequest } from "@/lib/runner/contract";
import { unreachable } from "@/lib/runner/unreachable";
import type { SecretState } from "@/lib/state/sealed";
import { missingAdaptor } from "@/lib/workflow/adaptor-name";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import { getMessageBytes, getMessageState, openStepInput } from "./payloads";
import { recordedLimits, runTrial, shownOutput, storedCredential, trialRequest } from "./trial";
import type { DryRun } from "./types";

const edits = {
  /** Job code to try instead of what is stored. */
  body: jobCode.optional(),
  /** State to try instead of what is stored. */
  input: z.record(z.string(), z.json()).optional(),
};

/** A step as it ran, or a job of the latest version with what it had, or would have, of a message. */
export const dryRunInput = z.union([
  z.strictObject({
    stepId: z.uuid(),
    version: z.enum(["latest", "original"]).default("original").meta({
      description: "The job as it ran, or as it is in the workflow of now, with what that gives it.",
    }),
    ...edits,
  }),
  z.strictObject({ messageId: z.uuid(), jobId: z.uuid(), ...edits }),
]);

type Deps = { runner: Runner; memoryMb: number; signal?: AbortSignal };
type Target = {
  messageId: string | null;
  workOrderId: string | null;
  job: JobNode;
  input: SecretState | null;
  onlyHosts: string[] | null;
};

/** Who has one under way in this process: a dry run waits for nobody, so nobody gets two workers for it. */
const underWay = new Set<string>();

/**
 * Runs a job on a stored input with every outbound request recorded instead of sent; nothing but the audit event is
 * stored. The event keeps edited code: it may do with the job's credential whatever a job can, and is
 * saved nowhere else. Code holds no secret by itself; a credential is given to it when it runs. Throws `not_found`,
 * `conflict` for a wiped input or while another one of the same person runs, `unavailable`.
 */
export async function dryRunStep(
  ctx: Context,
  input: z.input<typeof dryRunInput>,
  { runner, memoryMb, signal }: Deps,
): Promise<DryRun> {
  requirePermission(ctx, "run.rerun");
  const wanted = dryRunInput.parse(input);
  if (wanted.body !== undefined) requirePermission(ctx, "workflow.write");
  const who = actorUserId(ctx.actor) ?? ctx.project.id;
  if (underWay.has(who)) throw conflict("Another dry run of yours is still running. Wait for it to end.");
  underWay.add(who);
  try {
    const target = "stepId" in wanted ? await ofStep(ctx, wanted) : await ofMessage(ctx, wanted);
    const request = await requestFor(ctx, target, wanted, memoryMb);
    const itemId = "stepId" in wanted ? wanted.stepId : wanted.messageId;
    const after = {
      jobId: target.job.id,
      codeEdited: wanted.body !== undefined,
      inputEdited: wanted.input !== undefined,
      ...(wanted.body === undefined ? {} : { code: wanted.body }),
    };
    await write(ctx, "run.rerun", async () => ({
      result: undefined,
      audit: { event: "run.dry_run", itemId, after },
      changed: null,
    }));
    return await veiled(ctx, target, await run(runner, request, signal));
  } finally {
    underWay.delete(who);
  }
}

type Edits = { body?: string | undefined; input?: Record<string, unknown> | undefined };

async function ofStep(
  ctx: Context,
  { stepId, version, input }: { stepId: string; version: "latest" | "original" } & Edits,
): Promise<Target> {
  const [row] = await rows<
    Omit<Target, "job" | "input"> & { jobId: string; ran: WorkflowGraph; present: WorkflowGraph | null }
  >(
    ctx.db,
    sql`select s.message_id as "messageId", r.work_order_id as "workOrderId", s.job_id as "jobId", n.graph as ran, l.graph as present,
          p.egress_allow as "onlyHosts" from steps s
        join runs r on r.id = s.run_id join snapshots n on n.id = r.snapshot_id join projects p on p.id = s.project_id
        left join workflows w on w.id = r.workflow_id and w.project_id = s.project_id and w.deleted_at is null
        left join snapshots l on l.id = w.snapshot_id and l.project_id = s.project_id
        where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!row) throw notFound("The step");
  const { ran, present, ...place } = row;
  const graph = version === "latest" ? present : ran;
  if (!graph) throw notFound("The workflow");
  return {
    ...place,
    job: jobOf(graph, row.jobId),
    input: input ? null : await openStepInput(ctx, stepId),
  };
}

async function ofMessage(
  ctx: Context,
  { messageId, jobId, input }: { messageId: string; jobId: string } & Edits,
): Promise<Target> {
  const [row] = await rows<{ graph: WorkflowGraph; onlyHosts: string[] | null; stepId: string | null }>(
    ctx.db,
    sql`select n.graph, p.egress_allow as "onlyHosts",
          (select s.id from steps s where s.message_id = m.id and s.job_id = j.id and s.project_id = p.id order by s.started_at desc, s.id desc limit 1) as "stepId"
        from jobs j join workflows w on w.id = j.workflow_id and w.deleted_at is null
        join snapshots n on n.id = w.snapshot_id join projects p on p.id = j.project_id
        join messages m on m.id = ${messageId}::uuid and m.project_id = p.id
        where j.id = ${jobId}::uuid and j.project_id = ${ctx.project.id}`,
  );
  if (!row) throw notFound("The message or the job");
  return {
    ...row,
    messageId,
    workOrderId: null,
    job: jobOf(row.graph, jobId),
    input: input ? null : await storedInput(ctx, row.stepId, messageId),
  };
}

async function storedInput(
  ctx: Context,
  stepId: string | null,
  messageId: string,
): Promise<SecretState | null> {
  if (stepId) return openStepInput(ctx, stepId);
  const text = await getMessageState(ctx, messageId);
  return text === null ? null : { text, hidden: [] };
}

function jobOf(graph: WorkflowGraph, jobId: string): JobNode {
  const job = graph.jobs.find(({ id }) => id === jobId);
  if (!job) throw notFound("The job");
  return job;
}

async function requestFor(
  ctx: Context,
  { messageId, job, input, onlyHosts }: Target,
  edited: Edits,
  memoryMb: number,
): Promise<StepRequest> {
  const state = edited.input ? { text: stateText(edited.input), hidden: [] } : input;
  if (state === null)
    throw conflict("The input of this step is no longer kept, so there is nothing to run it on.");
  const credential = await storedCredential(ctx.db, ctx.project.id, job, state);
  if (job.adaptorVersion === null) throw conflict(missingAdaptor(job));
  const body = edited.body ?? job.body;
  const id = `dry-run-${randomUUID()}`;
  return trialRequest({
    ...{
      id,
      runId: id,
      projectId: ctx.project.id,
      job: { ...job, body },
      adaptorVersion: job.adaptorVersion,
    },
    input: state,
    message: messageId && asksForBytes(body) ? await getMessageBytes(ctx, messageId) : null,
    ...{ credential, onlyHosts, conditions: [], isRecorded: true },
    // Good for nothing: what the job would ask is recorded.
    collectionsToken: id,
    limits: { ...recordedLimits, memoryMb },
  });
}

/** What it came to without what is masked: of its input's subject, and of what the job found out itself. */
async function veiled(ctx: Context, { messageId, workOrderId }: Target, done: DryRun): Promise<DryRun> {
  const mask = await maskFor(ctx);
  if (!mask) return done;
  const veil = await mask.veil({ messageId, workOrderId });
  if (veil.isOpen) return done;
  const found = done.output === null ? mask.whole : mask.own(done.output);
  const text = (value: string) => found.text(veil.text(value));
  return {
    ...done,
    error: done.error && veiledError(veil, veiledError(found, done.error)),
    output: done.output === null ? null : found.state(veil.state(done.output)),
    logs: done.logs.map((line) => ({ ...line, message: text(line.message) })),
    requests: veiledRequests(found, veiledRequests(veil, done.requests)),
    connections: veiledConnections(found, veiledConnections(veil, done.connections)),
  };
}

/** Credentials come from where they are kept, never from an edited state. */
function stateText({ configuration: _, ...state }: Record<string, unknown>): string {
  return JSON.stringify(state);
}

async function run(runner: Runner, request: StepRequest, signal: AbortSignal | undefined): Promise<DryRun> {
  const { result, logs } = await runTrial(runner, request, signal).catch((error: unknown) => {
    throw error instanceof NotStartedError ? unreachable(error) : error;
  });
  const { reason, error, requests = [], connections, durationMs } = result;
  return { reason, error, output: shownOutput(result), logs, requests, connections, durationMs };
}
