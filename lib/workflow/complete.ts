import type { JobNode, TriggerNode, WorkflowGraph } from "./types";

/** Settings that came later than the first stored versions, as they are where nobody chose them. */
export const plainTrigger = {
  sourceJobId: null,
  timeZone: null,
  whenRunning: null,
  customPath: null,
  takesGet: null,
  openRosa: null,
  deliveryId: null,
  ratePerMinute: null,
} as const satisfies Partial<TriggerNode>;

export const plainJob = {
  keychainCredentialId: null,
  retry: null,
  libraryJobId: null,
  libraryVersion: null,
} as const satisfies Partial<JobNode>;

export const plainWorkflow = { orderKey: null, jobLogs: null } as const satisfies Partial<WorkflowGraph>;

/** A stored version, with what was not there yet when it was stored. */
export const completeGraph = (stored: WorkflowGraph): WorkflowGraph => ({
  ...plainWorkflow,
  ...stored,
  triggers: stored.triggers.map((trigger) => ({ ...plainTrigger, ...trigger })),
  jobs: stored.jobs.map((job) => ({ ...plainJob, ...job })),
});
