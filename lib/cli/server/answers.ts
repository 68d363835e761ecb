import { z } from "zod";
import { exitReasons, logLevels, runStates } from "@/lib/words";

/** The parts of the server's answers that these commands read. What else is there is left alone. */
const step = z.object({
  id: z.uuid(),
  jobId: z.uuid(),
  jobName: z.string(),
  exitReason: z.enum(exitReasons).nullable(),
});

export const runInList = z.object({
  id: z.uuid(),
  state: z.enum(runStates),
  workflowName: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  errorType: z.string().nullable(),
  errorMessage: z.string().nullable(),
  steps: z.array(step),
});
export type RunInList = z.infer<typeof runInList>;
export const runList = z.object({ items: z.array(runInList), nextCursor: z.string().nullable() });

export const runInFull = runInList.extend({
  detailedSteps: z.array(step.extend({ linked: z.boolean() })),
});
export type RunInFull = z.infer<typeof runInFull>;

export const logLines = z.object({
  items: z.array(
    z.object({
      seq: z.number(),
      at: z.string(),
      level: z.enum(logLevels),
      source: z.string(),
      message: z.string(),
    }),
  ),
  nextAfter: z.number().nullable(),
});

const jobState = z.object({
  jobId: z.uuid(),
  jobName: z.string(),
  workflowId: z.uuid(),
  workflowName: z.string(),
  result: z.string(),
  errorType: z.string().nullable(),
  runId: z.uuid().nullable(),
  stepId: z.uuid().nullable(),
});

export const messageInList = z.object({
  id: z.uuid(),
  receivedAt: z.string(),
  source: z.string(),
  size: z.number(),
  preview: z.string(),
  unmatched: z.boolean(),
  waiting: z.array(z.object({ workflowName: z.string(), state: z.string() })),
  waitingTotal: z.number(),
  jobStates: z.array(jobState),
  jobTotals: z.record(z.string(), z.number()),
});
export type MessageInList = z.infer<typeof messageInList>;
export const jobStateList = z.object({ items: z.array(jobState), nextCursor: z.string().nullable() });
export const messageList = z.object({ items: z.array(messageInList), nextCursor: z.string().nullable() });

export const jobList = z.object({
  items: z.array(z.object({ id: z.uuid(), name: z.string(), workflowName: z.string() })),
  nextCursor: z.string().nullable(),
});

export const rerunPreview = z.object({
  succeeded: z.array(
    z.object({
      jobName: z.string(),
      workflowName: z.string(),
      times: z.number(),
      hosts: z.array(z.string()),
    }),
  ),
  unfinishedRuns: z.number(),
  versions: z.array(z.object({ workflowName: z.string(), original: z.number(), latest: z.number() })),
});
export const startedRuns = z.object({ runIds: z.array(z.uuid()) });
