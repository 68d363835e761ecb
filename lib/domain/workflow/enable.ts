import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { invalid, notFound } from "@/lib/refusal";
import type { TriggerNode, WorkflowGraph } from "@/lib/workflow/types";
import { refuseUncompiled } from "./compiled";
import { presentWorkflow, refuseOther } from "./present";
import { clientUuid, savedVersionInput } from "./schemas";
import { type SavedWorkflow, savedWorkflow, writeWorkflow } from "./write";

/** The version that a change started from, as whoever makes it has seen it. */
export const seenVersion = savedVersionInput.shape.lockVersion.meta({
  description: "The present version, as whoever changes it has seen it.",
});

export const enableWorkflowInput = z.strictObject({
  lockVersion: seenVersion,
  enabled: z.boolean(),
  triggerId: clientUuid.optional().meta({
    description:
      "Which trigger. Without it off is all of them, and on the only one that there is. A workflow has one at most that is on: the others go off.",
  }),
});

/** A version without its graph. */
export const savedVersion = savedWorkflow.omit({ graph: true });
export type SavedVersion = z.infer<typeof savedVersion>;

const input = enableWorkflowInput.extend({ workflowId: clientUuid });

/**
 * Switches a workflow or one trigger of it on or off, as its next version. Throws `not_found`, `conflict` when it is another
 * version, and `invalid` for switching on where it is not clear what, or where code does not compile.
 */
export async function enableWorkflow(ctx: Context, change: z.input<typeof input>): Promise<SavedVersion> {
  requirePermission(ctx, "workflow.write");
  const { workflowId: id, lockVersion, ...wanted } = input.parse(change);
  const present = await presentWorkflow(ctx, id);
  refuseOther(present, lockVersion);
  const graph = wanted.enabled
    ? switchedOn(present.graph, wanted.triggerId)
    : off(present.graph, wanted.triggerId);
  if (wanted.enabled) await refuseUncompiled(ctx, graph);
  return withoutGraph(await writeWorkflow(ctx, { id, lockVersion, graph, source: "app" }));
}

export const withoutGraph = ({ graph: _, ...version }: SavedWorkflow): SavedVersion => version;

/** A graph with one trigger off, or all of them. */
export function off(graph: WorkflowGraph, triggerId?: string): WorkflowGraph {
  if (triggerId !== undefined) triggerOf(graph, triggerId);
  const isMeant = ({ id }: TriggerNode) => triggerId === undefined || id === triggerId;
  const triggers = graph.triggers.map((one) => (isMeant(one) ? { ...one, enabled: false } : one));
  return { ...graph, triggers };
}

function switchedOn(graph: WorkflowGraph, triggerId: string | undefined): WorkflowGraph {
  const { id } = triggerId === undefined ? onlyTrigger(graph) : triggerOf(graph, triggerId);
  return { ...graph, triggers: graph.triggers.map((one) => ({ ...one, enabled: one.id === id })) };
}

function triggerOf({ triggers }: WorkflowGraph, id: string): TriggerNode {
  const trigger = triggers.find((one) => one.id === id);
  if (!trigger) throw notFound("The trigger");
  return trigger;
}

function onlyTrigger({ triggers }: WorkflowGraph): TriggerNode {
  const [only, ...more] = triggers;
  const message =
    more.length > 0
      ? "This workflow has several triggers. Say which one is to be switched on."
      : "Nothing starts this workflow yet. Add a trigger, then switch it on.";
  if (!only || more.length > 0) throw invalid(message, { triggerId: [message] });
  return only;
}
