import { plainJob, plainTrigger, plainWorkflow } from "@/lib/workflow/complete";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import type { EdgeSpec, TriggerSpec, WorkflowSpec } from "./spec";

/** A job as a spec knows it: its adaptor not pinned, its credential the spec's key. */
export type DraftJob = Omit<JobNode, "adaptorVersion" | "projectCredentialId"> & {
  credential: string | null;
};
export type DraftGraph = Omit<WorkflowGraph, "jobs"> & { jobs: DraftJob[] };

/** Returns the graph of one workflow of a parsed spec, every item under a new id from `newId`. */
export function toDraftGraph(spec: WorkflowSpec, newId: () => string): DraftGraph {
  const jobIds = new Map(Object.keys(spec.jobs).map((key) => [key, newId()]));
  const triggerIds = new Map(Object.keys(spec.triggers).map((key) => [key, newId()]));
  return {
    name: spec.name,
    concurrency: spec.concurrency,
    triggers: Object.entries(spec.triggers).map(([key, trigger]) =>
      toTrigger(known(triggerIds, key), trigger, jobIds),
    ),
    jobs: Object.entries(spec.jobs).map(([key, job]) => ({ id: known(jobIds, key), ...plainJob, ...job })),
    edges: Object.values(spec.edges).map((edge) => toEdge(newId(), edge, triggerIds, jobIds)),
    positions: null,
    ...plainWorkflow,
    jobLogs: spec.jobLogs,
  };
}

type Ids = ReadonlyMap<string, string>;

/** `parseSpec` has refused keys that are not in the file. */
function known(ids: Ids, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`The spec refers to "${key}", which is not in it.`);
  return id;
}

function toTrigger(id: string, trigger: TriggerSpec, jobIds: Ids): WorkflowGraph["triggers"][number] {
  const { cronCursorJob, enabled, ...fields } = trigger;
  return {
    id,
    ...plainTrigger,
    ...fields,
    enabled: enabled ?? true,
    cronCursorJobId: cronCursorJob === null ? null : known(jobIds, cronCursorJob),
  };
}

function toEdge(id: string, edge: EdgeSpec, triggerIds: Ids, jobIds: Ids): WorkflowGraph["edges"][number] {
  const { sourceTrigger, sourceJob, targetJob, ...fields } = edge;
  return {
    id,
    sourceTriggerId: sourceTrigger === null ? null : known(triggerIds, sourceTrigger),
    sourceJobId: sourceJob === null ? null : known(jobIds, sourceJob),
    targetJobId: known(jobIds, targetJob),
    ...fields,
  };
}
