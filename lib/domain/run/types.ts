import { z } from "zod";

import { moment, searchExcerpt, wipedNote } from "@/lib/domain/fields";
import { issueMark } from "@/lib/domain/issue/types";
import { maskedHere } from "@/lib/domain/mask/reveal-types";
import { workflowGraph } from "@/lib/domain/workflow/graph-schema";
import type { WouldBeRequest } from "@/lib/runner/contract";
import {
  dataclipTypes,
  exitReasons,
  logLevels,
  logSources,
  priorities,
  runStates,
  triggerTypes,
  waitReasons,
} from "@/lib/words";
import type { Connection, StepError } from "@/lib/workflow/types";

export const stepError: z.ZodType<StepError> = z
  .strictObject({
    type: z.string(),
    adaptorType: z.string().exactOptional().meta({
      description: "Of a JobError that the adaptor threw: what it calls it, else AdaptorError.",
    }),
    message: z.string(),
    position: z
      .strictObject({ line: z.number(), column: z.number(), source: z.string() })
      .exactOptional()
      .meta({ description: "Where in the job's source, 1-based; `source` is that line's text." }),
    operation: z
      .strictObject({ name: z.string(), line: z.number() })
      .exactOptional()
      .meta({ description: "The operation that was running, and its line." }),
    details: z.any().optional().meta({ description: "What the adaptor or the error said besides." }),
    hint: z.string().exactOptional(),
  })
  .meta({ id: "StepError" });

/** One connection a step opened or was refused: the egress audit trail. */
export const connection: z.ZodType<Connection> = z
  .strictObject({
    host: z.string(),
    port: z.int(),
    address: z.string().nullable(),
    bytesSent: z.number(),
    bytesReceived: z.number().nullable(),
    durationMs: z.number().nullable(),
    refused: z.string().exactOptional(),
  })
  .meta({ id: "Connection" });

const stepHandled = z
  .boolean()
  .meta({ description: "It failed, and another step of its run was started because of it." });

/** An attempt of a step that failed and was followed by another. */
const stepAttempt = z
  .strictObject({
    attempt: z.int(),
    startedAt: moment,
    finishedAt: moment,
    exitReason: z.enum(exitReasons),
    exitCode: z.int().nullable(),
    error: stepError.nullable(),
    durationMs: z.number().nullable(),
    connections: z.array(connection),
    waitsUntil: moment.meta({ description: "When the next one was to begin." }),
  })
  .meta({ id: "StepAttempt" });

/** One step without its payloads. `exitReason` null = still running. Dates are ISO strings. */
export const stepSummary = z
  .strictObject({
    id: z.uuid(),
    runId: z.uuid(),
    ordinal: z.int(),
    jobId: z.uuid(),
    jobName: z.string(),
    adaptor: z.string(),
    credentialName: z.string().nullable(),
    exitReason: z.enum(exitReasons).nullable().meta({ description: "null while it runs." }),
    exitCode: z.int().nullable().meta({
      description:
        "0 success, 1 error, 2 timeout, 3 not started, 5 platform, 6 aborted, 10 not compiled, 11 killed, 134 out of memory.",
    }),
    handled: stepHandled,
    error: stepError.nullable(),
    startedAt: moment,
    finishedAt: moment.nullable(),
    durationMs: z.number().nullable(),
    peakMemoryMb: z.number().nullable(),
    logLines: z.int(),
    wiped: wipedNote.nullable().meta({
      description: "Its log, and what its errors said beyond their types, are wiped. null: they are there.",
    }),
    repeats: z.int().meta({
      description:
        "How often it was done again after it was lost by our fault and had sent nothing to anybody.",
    }),
    attempt: z.int().meta({
      description:
        "Which of the attempts of its job's retry policy this is, from 1; or will be, while `retryAt` is not null.",
    }),
    retryAt: moment.nullable().meta({ description: "It waits for its next attempt, which begins then." }),
    attempts: z.array(stepAttempt).meta({
      description:
        "Attempts that were followed by another, in order. The last one's facts are the step's own.",
    }),
    connections: z.array(connection),
    hasInput: z.boolean(),
    hasOutput: z.boolean(),
    linked: z.boolean().meta({
      description: "Belongs to an earlier run that this one continues; it was not executed again.",
    }),
  })
  .meta({ id: "StepSummary" });
export type StepSummary = z.infer<typeof stepSummary>;

/** One row of the activity history. */
export const runRow = z
  .strictObject({
    id: z.uuid().meta({ description: "Of a rejected work order, which has no run yet, the work order's." }),
    state: z.enum(runStates),
    handled: z.boolean().meta({ description: "It is a success although a step failed: *failed, handled*." }),
    workflowId: z.uuid(),
    workflowName: z.string(),
    workOrderId: z.uuid(),
    messageId: z.uuid().nullable(),
    priority: z.enum(priorities),
    orderKey: z.string().nullable().meta({
      description: "Runs of one workflow with one key follow each other, in the order in which they came.",
    }),
    waitsFor: z.enum(waitReasons).nullable().meta({
      description:
        "Why a pending run must not start yet: its `turn`, behind an earlier one with its key, or its workflow or project, which is paused, to `resume`. null: nothing is in its way.",
    }),
    errorType: z.string().nullable(),
    errorMessage: z.string().nullable(),
    excerpt: searchExcerpt,
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    steps: z
      .array(
        z.strictObject({
          id: z.uuid(),
          jobId: z.uuid(),
          jobName: z.string(),
          exitReason: z.enum(exitReasons).nullable(),
          handled: stepHandled,
        }),
      )
      .meta({
        description:
          "In order. Of many, the ones that need attention first: failed, then running, then the newest.",
      }),
    stepTotal: z.int().meta({ description: "How many steps it has." }),
  })
  .meta({ id: "RunRow" });
export type RunRow = z.infer<typeof runRow>;

const causingRun = z.strictObject({
  runId: z.uuid(),
  stepId: z.uuid(),
  jobName: z.string(),
  workflowId: z.uuid(),
  workflowName: z.string(),
});

const causedRun = causingRun.extend({
  runId: z.uuid().nullable().meta({ description: "Null: the project's plan had no run left." }),
  type: z.enum(triggerTypes),
  state: z.enum(runStates).meta({ description: "Of its work order." }),
});

export const runDetail = z
  .strictObject({
    ...runRow.shape,
    ...maskedHere.shape,
    projectId: z.uuid(),
    attempt: z.int(),
    startingTriggerId: z.uuid().nullable(),
    startingJobId: z.uuid().nullable(),
    createdBy: z.string().nullable(),
    cancelRequestedAt: moment.nullable(),
    input: z
      .strictObject({
        dataclipId: z.uuid(),
        name: z.string().nullable().meta({ description: "Of a saved input." }),
        type: z.enum(dataclipTypes),
        isKept: z.boolean().meta({ description: "False: it was wiped, or never stored." }),
      })
      .nullable()
      .meta({ description: "The stored state that it began with; null when that is the message." }),
    causedBy: causingRun.nullable().meta({
      description: "The run and job of another workflow whose end started its work order (flow, catch).",
    }),
    issues: z
      .array(issueMark)
      .meta({ description: "What failures of its work order are part of, the newest first." }),
    caused: z.array(causedRun).meta({ description: "First runs of what the ends of its jobs started." }),
    snapshot: z
      .strictObject({ id: z.uuid(), lockVersion: z.int(), isLatest: z.boolean(), graph: workflowGraph })
      .meta({ description: "The version that runs, not the one being edited." }),
    detailedSteps: z.array(stepSummary),
  })
  .meta({ id: "RunDetail" });
export type RunDetail = z.infer<typeof runDetail>;

export const logRow = z
  .strictObject({
    seq: z.int(),
    at: moment,
    level: z.enum(logLevels),
    source: z.enum(logSources),
    message: z.string(),
    attempt: z
      .int()
      .exactOptional()
      .meta({ description: "Which attempt of the job's retry policy wrote it; absent of the first." }),
  })
  .meta({ id: "LogRow" });
export type LogRow = z.infer<typeof logRow>;

export const logPage = z.strictObject({
  items: z.array(logRow),
  nextAfter: z.int().nullable().meta({
    description: "`after` of the next page; null when this one reached the last line there is now.",
  }),
});
export type LogPage = z.infer<typeof logPage>;

export const rerunPreview = z
  .strictObject({
    succeeded: z
      .array(
        z.strictObject({
          jobId: z.uuid(),
          jobName: z.string(),
          workflowName: z.string(),
          times: z.int(),
          hosts: z.array(z.string()).meta({ description: "That those executions sent something to." }),
        }),
      )
      .meta({ description: "Jobs that have succeeded for this input, and that the rerun may run again." }),
    unfinishedRuns: z.int().meta({ description: "Runs of the same work orders that wait or run now." }),
    versions: z
      .array(
        z.strictObject({
          workflowId: z.uuid(),
          workflowName: z.string(),
          original: z.int().meta({ description: "The version that ran then." }),
          latest: z.int().meta({ description: "The present one." }),
        }),
      )
      .meta({
        description:
          "Workflows that have changed since: GET …/workflows/{id}/difference says what. Empty: both versions are the same.",
      }),
  })
  .meta({ id: "RerunPreview" });
/** What a rerun would do a second time. */
export type RerunPreview = z.infer<typeof rerunPreview>;

/** What was queued. */
export const startedRuns = z.strictObject({ runIds: z.array(z.uuid()) });

/** A request that was kept instead of sent. */
export const wouldBeRequest: z.ZodType<WouldBeRequest> = z.strictObject({
  host: z.string(),
  port: z.int(),
  secure: z.boolean(),
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

export const dryRun = z
  .strictObject({
    reason: z.enum(exitReasons),
    error: stepError.nullable(),
    output: z
      .string()
      .nullable()
      .meta({ description: "The state handed on as JSON text; null when the job aborted." }),
    logs: z.array(logRow),
    requests: z.array(wouldBeRequest).meta({ description: "In the order of sending; secrets are masked." }),
    connections: z.array(connection).meta({
      description: "Connections that could not be recorded, such as a database's: they were refused.",
    }),
    durationMs: z.number().nullable(),
  })
  .meta({ id: "DryRun" });
/** What a dry run came to. */
export type DryRun = z.infer<typeof dryRun>;
