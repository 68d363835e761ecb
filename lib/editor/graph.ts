import type { WorkflowInput } from "@/lib/domain/workflow/schemas";
import type { EdgeCondition, TriggerType } from "@/lib/words";
import { plainJob, plainTrigger } from "@/lib/workflow/complete";
import type { Edge, TriggerNode, WorkflowGraph } from "@/lib/workflow/types";

/** A workflow while somebody edits it: it need not be sound. Adaptors are as they are written; they are pinned when it is saved. */
export type DraftGraph = WorkflowInput;
export type DraftJob = DraftGraph["jobs"][number];
export type DraftTrigger = DraftGraph["triggers"][number];
export type DraftEdge = DraftGraph["edges"][number];

/** What can be selected, and what a problem is about. */
export type Item = { kind: "workflow" } | { kind: "trigger" | "job" | "edge"; id: string };

/** A stored version as it is edited. */
export const toDraft = (graph: WorkflowGraph): DraftGraph => ({
  ...graph,
  jobs: graph.jobs.map(({ adaptorVersion: _, ...job }) => job),
});

/** A draft as the checks of stored versions take it: nothing is pinned. */
export const toGraph = (draft: DraftGraph): WorkflowGraph => ({
  ...draft,
  jobs: draft.jobs.map((job) => ({ ...job, adaptorVersion: null })),
});

export const newTrigger = (id: string, type: TriggerType): TriggerNode => ({
  ...plainTrigger,
  id,
  type,
  enabled: false,
  inclusion: null,
  exclusion: null,
  cronExpression: type === "cron" ? "0 * * * *" : null,
  cronCursorJobId: null,
  webhookReply: null,
  webhookResponseConfig: null,
});

export const newJob = (id: string, name: string): DraftJob => ({
  ...plainJob,
  id,
  name,
  body: "fn(state => {\n  return state;\n});\n",
  adaptor: "@openfn/language-common@latest",
  projectCredentialId: null,
});

export const newEdge = (
  id: string,
  from: Source,
  targetJobId: string,
  conditionType: EdgeCondition,
): Edge => ({
  id,
  sourceTriggerId: from.kind === "trigger" ? from.id : null,
  sourceJobId: from.kind === "job" ? from.id : null,
  targetJobId,
  conditionType,
  conditionExpression: null,
  conditionLabel: null,
  enabled: true,
});

/** Where an edge begins. */
export type Source = { kind: "trigger" | "job"; id: string };

/** What an id names; the workflow itself where it names nothing that is there. */
export function itemOf({ triggers, jobs, edges }: DraftGraph, id: string | null): Item {
  if (id === null) return { kind: "workflow" };
  if (jobs.some((job) => job.id === id)) return { kind: "job", id };
  if (triggers.some((trigger) => trigger.id === id)) return { kind: "trigger", id };
  return edges.some((edge) => edge.id === id) ? { kind: "edge", id } : { kind: "workflow" };
}
