import { z } from "zod";
import { reading } from "@/lib/body/reading";

import { anyJson, moment, searchExcerpt, wipedNote } from "@/lib/domain/fields";
import { issueMark } from "@/lib/domain/issue/types";
import { maskedHere } from "@/lib/domain/mask/reveal-types";
import { runRow, stepSummary } from "@/lib/domain/run/types";
import {
  exitReasons,
  type JobStateWord,
  jobStateResults,
  messageFormats,
  messageSources,
  refusalCauses,
  rejectionCauses,
  runStates,
} from "@/lib/words";

/** How one job stands for one message (seed 1), as the inbox shows it. */
export const jobState = z
  .strictObject({
    jobId: z.uuid(),
    jobName: z.string(),
    workflowId: z.uuid(),
    workflowName: z.string(),
    result: z.enum(jobStateResults).meta({
      description: "In progress while an execution is under way, else what the last finished one came to.",
    }),
    lastResult: z
      .enum(jobStateResults)
      .exclude(["in_progress"])
      .nullable()
      .meta({ description: "What the last finished execution came to; the next five fields are about it." }),
    handled: z.boolean().meta({
      description: "That was a failure, and another step of its run was started because of it.",
    }),
    exitReason: z.enum(exitReasons).nullable(),
    errorType: z.string().nullable(),
    running: z.boolean().meta({ description: "An execution of the job for this message is under way." }),
    runId: z.uuid().nullable(),
    stepId: z.uuid().nullable(),
    finishedAt: moment.nullable(),
  })
  .meta({ id: "JobState" });
export type JobState = z.infer<typeof jobState>;

const jobTotals = z
  .strictObject({
    failure: z.int(),
    handled: z.int(),
    in_progress: z.int(),
    success: z.int(),
  } satisfies Record<JobStateWord, z.ZodType>)
  .meta({ id: "JobTotals" });
export type JobTotals = z.infer<typeof jobTotals>;

/** One row of the inbox. Dates are ISO strings. */
export const messageRow = z
  .strictObject({
    id: z.uuid(),
    receivedAt: moment,
    source: z.enum(messageSources),
    triggerId: z.uuid().nullable(),
    method: z.string(),
    contentType: z.string().nullable(),
    format: z.enum(messageFormats),
    size: z.int(),
    preview: z.string(),
    excerpt: searchExcerpt,
    resentFrom: z.uuid().nullable(),
    wiped: wipedNote.nullable(),
    jobStates: z.array(jobState).meta({
      description:
        "In the order in which they first started. Of many, the ones that need attention first: failed, then running, then the newest; `…/messages/{id}/job-states` has all.",
    }),
    jobTotals: jobTotals.meta({
      description: "How many of the message's jobs stand so, listed here or not.",
    }),
    waiting: z
      .array(z.strictObject({ workflowId: z.uuid(), workflowName: z.string(), state: z.enum(runStates) }))
      .meta({
        description:
          "Workflows of which a run waits to start, or that have not started any job; of many, the first.",
      }),
    waitingTotal: z.int().meta({ description: "How many those are." }),
    unmatched: z.boolean().meta({ description: "Nothing matched: kept, and can be processed by hand." }),
  })
  .meta({ id: "MessageRow" });
export type MessageRow = z.infer<typeof messageRow>;

export const runWithSteps = z
  .strictObject({
    id: z.uuid(),
    attempt: z.int().meta({ description: "1 for the first attempt of its work order." }),
    state: z.enum(runStates),
    handled: z.boolean().meta({ description: "It is a success although a step failed: *failed, handled*." }),
    errorType: z.string().nullable(),
    errorMessage: z.string().nullable(),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    startingJobId: z.uuid().nullable(),
    waitsFor: runRow.shape.waitsFor,
    createdBy: z.string().nullable(),
    steps: z.array(stepSummary).meta({
      description:
        "In order. Of many, the ones that need attention first: failed, then running, then the newest; the run has all.",
    }),
    stepTotal: z.int().meta({ description: "How many steps it has, those that it continues from included." }),
  })
  .meta({ id: "RunWithSteps" });
export type RunWithSteps = z.infer<typeof runWithSteps>;

export const workOrderDetail = z
  .strictObject({
    id: z.uuid(),
    workflowId: z.uuid(),
    workflowName: z.string(),
    state: z.enum(runStates),
    handled: z.boolean().meta({ description: "Its last run is a success although a step failed." }),
    rejectedFor: z
      .enum(rejectionCauses)
      .nullable()
      .meta({ description: "What of the project's plan kept it from running when it came." }),
    createdAt: moment,
    issues: z.array(issueMark).meta({ description: "What its failures are part of, the newest first." }),
    runs: z.array(runWithSteps).meta({ description: "Those of the page, in order." }),
  })
  .meta({ id: "WorkOrder" });
export type WorkOrderDetail = z.infer<typeof workOrderDetail>;

export const messageDetail = z
  .strictObject({
    ...messageRow.shape,
    ...maskedHere.shape,
    projectId: z.uuid(),
    path: z.array(z.string()),
    query: z
      .record(z.string(), anyJson)
      .meta({ description: "Nested as OpenFn nests them: `a[b]=1`, `a[]=1`." }),
    headers: z.record(z.string(), z.string()),
    body: z
      .strictObject({ encoding: z.enum(["text", "base64"]), content: z.string(), truncated: z.boolean() })
      .meta({
        description:
          "Without its content codings: text in the charset that it was read in, or base64 when it is none. Cut when it is long; the bytes as they were sent are a download away.",
      }),
    reading: reading.nullable().meta({
      description: "How the body was read; null for plain UTF-8 that is what its type says.",
    }),
    view: anyJson.optional().meta({
      description: "JSON view, when the body has one and is small enough to show as a tree.",
    }),
    sentBy: z.string().nullable(),
    resends: z.array(z.strictObject({ id: z.uuid(), receivedAt: moment })),
    tests: z
      .array(
        z.strictObject({
          id: z.uuid(),
          workflowId: z.uuid(),
          workflowName: z.string(),
          owner: z.string(),
          isMine: z.boolean().meta({ description: "Nobody else can open it." }),
        }),
      )
      .meta({ description: "Tests that it made at the test URL of a draft; empty once they are gone." }),
    delivery: z
      .strictObject({
        times: z.int().meta({ description: "How often it came, the first time included." }),
        lastAt: moment,
        isReused: z.boolean().meta({
          description: "Another message came before with the same delivery id and another content.",
        }),
      })
      .nullable()
      .meta({
        description:
          "What came of the delivery id that the sender named; null when it named none, or when a day has passed and nothing came of it.",
      }),
    refused: z
      .strictObject({
        cause: z.enum(refusalCauses),
        why: z.string(),
        acceptedAt: moment,
        acceptedBy: z.string().nullable(),
      })
      .nullable()
      .meta({ description: "It was refused when it came, and a person accepted it; null for all others." }),
    workOrders: z
      .array(workOrderDetail)
      .meta({ description: "In order, with the newest runs of the message." }),
    earlier: z.string().nullable().meta({
      description:
        "`cursor` of `…/messages/{id}/history`, which has the runs before these; null: there are none.",
    }),
    hasWorkflows: z.boolean().meta({ description: "The project has one that could process it by hand." }),
    newer: z.uuid().nullable().meta({ description: "One up in the list under the same filter." }),
    older: z.uuid().nullable(),
  })
  .meta({ id: "MessageDetail" });
export type MessageDetail = z.infer<typeof messageDetail>;
