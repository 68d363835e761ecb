import { plainJob, plainTrigger, plainWorkflow } from "@/lib/workflow/complete";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import type { EdgeSpec, ProjectSpec, TriggerSpec, WorkflowSpec } from "./spec";

/** A job as a spec knows it: its adaptor not pinned, its credential and keychain the spec's keys. */
export type DraftJob = Omit<JobNode, "adaptorVersion" | "projectCredentialId" | "keychainCredentialId"> & {
  credential: string | null;
  keychain: string | null;
  /** The library entry's name; its version is in `libraryVersion`. */
  libraryEntry: string | null;
};
export type DraftGraph = Omit<WorkflowGraph, "jobs"> & { jobs: DraftJob[] };

/** The id of each job by its key, in one workflow. */
export type JobIds = ReadonlyMap<string, string>;

/** Gives the jobs of each workflow of a project new ids: triggers of one follow jobs of another. */
export const jobIdsOf = (spec: ProjectSpec, newId: () => string): Map<string, JobIds> =>
  new Map(Object.entries(spec.workflows).map(([key, { jobs }]) => [key, newJobIds(jobs, newId)]));

const newJobIds = (jobs: WorkflowSpec["jobs"], newId: () => string): JobIds =>
  new Map(Object.keys(jobs).map((key) => [key, newId()]));

/**
 * Returns the graph of one workflow of a parsed spec, every item under a new id from `newId`. `inProject`: its key there,
 * and what `jobIdsOf` gave.
 */
export function toDraftGraph(
  spec: WorkflowSpec,
  newId: () => string,
  inProject?: { key: string; jobIds: ReadonlyMap<string, JobIds> },
): DraftGraph {
  const jobIds = inProject?.jobIds.get(inProject.key) ?? newJobIds(spec.jobs, newId);
  const triggerIds = new Map(Object.keys(spec.triggers).map((key) => [key, newId()]));
  return {
    name: spec.name,
    concurrency: spec.concurrency,
    triggers: Object.entries(spec.triggers).map(([key, trigger]) =>
      toTrigger(known(triggerIds, key), trigger, jobIds, inProject?.jobIds),
    ),
    jobs: Object.entries(spec.jobs).map(([key, job]) => ({ id: known(jobIds, key), ...plain, ...job })),
    edges: Object.values(spec.edges).map((edge) => toEdge(newId(), edge, triggerIds, jobIds)),
    positions: null,
    ...plainWorkflow,
    orderKey: spec.orderKey,
    jobLogs: spec.jobLogs,
  };
}

const { keychainCredentialId: _, ...plain } = plainJob;

/** `parseSpec` has refused keys that are not in the file. */
function known(ids: JobIds | undefined, key: string): string {
  const id = ids?.get(key);
  if (id === undefined) throw new Error(`The spec refers to "${key}", which is not in it.`);
  return id;
}

function toTrigger(
  id: string,
  trigger: TriggerSpec,
  jobIds: JobIds,
  others?: ReadonlyMap<string, JobIds>,
): WorkflowGraph["triggers"][number] {
  const { cronCursorJob, sourceJob, enabled, ...fields } = trigger;
  return {
    id,
    ...plainTrigger,
    ...fields,
    enabled: enabled ?? true,
    cronCursorJobId: cronCursorJob === null ? null : known(jobIds, cronCursorJob),
    sourceJobId: sourceJob === null ? null : known(others?.get(sourceJob.workflow), sourceJob.job),
  };
}

function toEdge(
  id: string,
  edge: EdgeSpec,
  triggerIds: JobIds,
  jobIds: JobIds,
): WorkflowGraph["edges"][number] {
  const { sourceTrigger, sourceJob, targetJob, ...fields } = edge;
  return {
    id,
    sourceTriggerId: sourceTrigger === null ? null : known(triggerIds, sourceTrigger),
    sourceJobId: sourceJob === null ? null : known(jobIds, sourceJob),
    targetJobId: known(jobIds, targetJob),
    ...fields,
  };
}
