import type { EdgeCondition } from "@/lib/words";
import { plainJob, plainTrigger, plainWorkflow } from "./complete";
import type { Edge, JobNode, TriggerNode, WorkflowGraph } from "./types";

/** Small builders of graphs for tests; ids are names. */
export const job = (id: string, body = "fn(state => state)"): JobNode => ({
  id,
  name: id,
  body,
  adaptor: "@openfn/language-common@latest",
  adaptorVersion: "3.3.4",
  projectCredentialId: null,
  ...plainJob,
});

export const trigger = (id: string, fields: Partial<TriggerNode> = {}): TriggerNode => ({
  id,
  type: "webhook",
  enabled: true,
  inclusion: null,
  exclusion: null,
  cronExpression: null,
  cronCursorJobId: null,
  webhookReply: null,
  webhookResponseConfig: null,
  ...plainTrigger,
  ...fields,
});

const edge = (fields: Pick<Edge, "id" | "targetJobId"> & Partial<Edge>): Edge => ({
  sourceTriggerId: null,
  sourceJobId: null,
  conditionType: "always",
  conditionExpression: null,
  conditionLabel: null,
  enabled: true,
  ...fields,
});

export const triggerEdge = (triggerId: string, targetJobId: string, fields: Partial<Edge> = {}): Edge =>
  edge({ id: `${triggerId}->${targetJobId}`, sourceTriggerId: triggerId, targetJobId, ...fields });

export const jobEdge = (
  sourceJobId: string,
  targetJobId: string,
  conditionType: EdgeCondition = "on_job_success",
  fields: Partial<Edge> = {},
): Edge => edge({ id: `${sourceJobId}->${targetJobId}`, sourceJobId, targetJobId, conditionType, ...fields });

/** A workflow with a webhook trigger `t`. */
export const workflow = (
  jobs: (string | JobNode)[],
  edges: Edge[],
  triggers: TriggerNode[] = [trigger("t")],
): WorkflowGraph => ({
  name: "Test",
  concurrency: null,
  triggers,
  jobs: jobs.map((one) => (typeof one === "string" ? job(one) : one)),
  edges,
  positions: null,
  ...plainWorkflow,
});
