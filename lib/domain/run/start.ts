import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { dataclips, messages, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { insertInput, stateInput, withTakenInputName } from "@/lib/domain/dataclip/keep";
import { inputName } from "@/lib/domain/dataclip/types";
import { refuseOfTest } from "@/lib/domain/message/of-test";
import { loadGraph } from "@/lib/domain/workflow/load-graph";
import { write } from "@/lib/domain/write";
import { openWorkOrder } from "@/lib/queue/queue";
import { conflict, notFound } from "@/lib/refusal";
import { edgesFrom } from "@/lib/workflow/conditions";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { bringBackFor } from "./bring-back";
import { createRun, type NewRun } from "./create";

const fields = z.strictObject({
  workflowId: z.uuid(),
  triggerId: z
    .uuid()
    .optional()
    .meta({ description: "Where it starts; without it and `jobId`, at the enabled trigger." }),
  jobId: z.uuid().optional(),
  messageId: z.uuid().optional().meta({ description: "A message to process." }),
  dataclipId: z.uuid().optional().meta({ description: "A saved input, or any stored state of the project." }),
  json: stateInput
    .optional()
    .meta({ description: "A state of your own: a JSON object. Without any input it is {}." }),
  name: inputName.optional().meta({ description: "Saves `json` under this name." }),
});

const oneOf = (keys: (keyof z.infer<typeof fields>)[]) => ({
  check: (input: z.infer<typeof fields>) => keys.filter((key) => input[key] !== undefined).length <= 1,
  error: `Name one of ${keys.join(", ")}.`,
});
const starts = oneOf(["triggerId", "jobId"]);
const inputs = oneOf(["messageId", "dataclipId", "json"]);

/** A run by hand: which workflow, where it starts, and with what. */
export const startRunInput = fields;

export const startedRun = z.strictObject({
  runId: z.uuid(),
  workOrderId: z.uuid(),
  messageId: z.uuid().nullable(),
  dataclipId: z.uuid().nullable().meta({ description: "The stored input; null when it is a message." }),
});
export type StartedRun = z.infer<typeof startedRun>;

const checkedInput = fields
  .refine(starts.check, { error: starts.error, path: ["jobId"] })
  .refine(inputs.check, { error: inputs.error, path: ["json"] })
  .refine(({ name, json }) => name === undefined || json !== undefined, {
    error: "Only an input that is sent along can be saved. Name a stored one by PATCH …/dataclips/{id}.",
    path: ["name"],
  });

/**
 * Starts a workflow by hand, at its trigger or at one job, with a message, a stored or a new state, or none: a work order
 * of its own, ahead of what arrives by itself. Throws `not_found` for what is not the project's, `conflict` for an input
 * that is gone or came to a test URL, a trigger that leads nowhere, and a message whose job has started a moment ago, `limit` when the plan has no run left.
 */
export async function startRun(ctx: Context, input: z.input<typeof startRunInput>): Promise<StartedRun> {
  const asked = checkedInput.parse(input);
  const { workflowId, messageId = null, name } = asked;
  await bringBackFor(ctx, "run.start", messageId ? [messageId] : []);
  return withTakenInputName(() =>
    write(ctx, "run.start", async (tx) => {
      const { snapshotId, graph } = await currentVersion(ctx, tx, workflowId);
      const start = startOf(graph, asked);
      if (messageId) await requireMessage(ctx, tx, messageId);
      const dataclipId = messageId ? null : await storedInput(ctx, tx, asked);
      const order = { projectId: ctx.project.id, workflowId, snapshotId, messageId, dataclipId };
      const workOrderId = await openWorkOrder(tx, order);
      const run = { workOrderId, workflowId, snapshotId, graph, messageId, start, dataclipId };
      const runId = await createRun(ctx, tx, run);
      const after = { workflowId, ...start, messageId, dataclipId, ...(name ? { savedAs: name } : {}) };
      return {
        result: { runId, workOrderId, messageId, dataclipId },
        audit: { event: "run.start", itemId: runId, after },
        changed: null,
      };
    }),
  );
}

async function currentVersion(
  ctx: Context,
  tx: Db,
  workflowId: string,
): Promise<{ snapshotId: string; graph: WorkflowGraph }> {
  const [workflow] = await tx
    .select({ snapshotId: workflows.snapshotId })
    .from(workflows)
    .where(
      and(eq(workflows.id, workflowId), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)),
    );
  if (!workflow?.snapshotId) throw notFound("The workflow");
  const { snapshotId } = workflow;
  return { snapshotId, graph: (await loadGraph(tx, ctx.project.id, snapshotId)).graph };
}

type Asked = z.output<typeof startRunInput>;

function startOf(graph: WorkflowGraph, { triggerId, jobId }: Asked): NewRun["start"] {
  if (jobId) {
    if (!graph.jobs.some(({ id }) => id === jobId)) throw notFound("The job");
    return { jobId };
  }
  const trigger = triggerId
    ? graph.triggers.find(({ id }) => id === triggerId)
    : (graph.triggers.find(({ enabled }) => enabled) ?? graph.triggers[0]);
  if (triggerId && !trigger) throw notFound("The trigger");
  if (!trigger) throw conflict("The workflow has no trigger. Choose the job to start with.");
  if (edgesFrom(graph, { triggerId: trigger.id }).length === 0)
    throw conflict("No enabled edge leaves this trigger, so no job would run. Choose the job to start with.");
  return { triggerId: trigger.id };
}

async function requireMessage(ctx: Context, tx: Db, messageId: string): Promise<void> {
  const [message] = await tx
    .select({ source: messages.source })
    .from(messages)
    .where(and(eq(messages.id, messageId), eq(messages.projectId, ctx.project.id)));
  if (!message) throw notFound("The message");
  refuseOfTest(message);
}

/** The id of the state to begin with; one that is brought is stored first. */
async function storedInput(ctx: Context, tx: Db, { dataclipId, json, name }: Asked): Promise<string> {
  if (!dataclipId) return (await insertInput(ctx, tx, { json: json ?? {}, name: name ?? null })).id;
  const [clip] = await tx
    .select({ id: dataclips.id })
    .from(dataclips)
    .where(and(eq(dataclips.id, dataclipId), eq(dataclips.projectId, ctx.project.id)));
  if (!clip) throw notFound("The saved input");
  return clip.id;
}
