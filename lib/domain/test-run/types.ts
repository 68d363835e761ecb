import { z } from "zod";
import { moment } from "@/lib/domain/fields";
import { connection, logRow, stepError, wouldBeRequest } from "@/lib/domain/run/types";
import { textDifference } from "@/lib/domain/workflow/difference";
import { exitReasons, testInputs, testModes, testSources, testStates } from "@/lib/words";

/** One row of a draft's tests, without payloads. */
export const testRow = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(testStates),
    mode: z.enum(testModes).meta({ description: "`record`: nothing was sent, its requests are kept." }),
    source: z.enum(testSources).meta({
      description:
        "Somebody asked, a request came to the draft's test URL, or one of its cron triggers was due.",
    }),
    revision: z.int().meta({ description: "Of the draft, when the test was asked for." }),
    triggerId: z.uuid().nullable().meta({ description: "Where it starts; null: at a job." }),
    jobId: z.uuid().nullable(),
    alone: z.boolean().meta({ description: "That job and no other." }),
    inputOf: z.enum(testInputs).meta({
      description:
        "What it begins with. `clock`: what a cron trigger's next run would begin with; `none`: an empty state.",
    }),
    messageId: z.uuid().nullable(),
    dataclipId: z.uuid().nullable(),
    stepId: z.uuid().nullable(),
    errorType: z.string().nullable(),
    cancelRequestedAt: moment.nullable(),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
  })
  .meta({ id: "TestRow" });
export type TestRow = z.infer<typeof testRow>;

export const testStep = z
  .strictObject({
    ordinal: z.int(),
    jobId: z.uuid(),
    jobName: z.string(),
    follows: z
      .int()
      .nullable()
      .meta({ description: "The step whose output it began with; null: the test's own input." }),
    reason: z.enum(exitReasons).nullable().meta({ description: "null while it runs." }),
    error: stepError.nullable(),
    input: z.string().nullable().meta({ description: "JSON text; null where it is not kept." }),
    output: z.string().nullable().meta({
      description: "The state handed on as JSON text; null where there is none, or it is not kept.",
    }),
    isCut: z
      .boolean()
      .meta({ description: "Something of it was too much, or the project keeps no such thing." }),
    logs: z.array(logRow),
    requests: z.array(wouldBeRequest).meta({ description: "In the order of sending; secrets are masked." }),
    connections: z.array(connection),
    durationMs: z.number().nullable(),
    takenEdges: z.array(z.uuid()).nullable(),
    startedAt: moment,
    finishedAt: moment.nullable(),
  })
  .meta({ id: "TestStep" });
export type TestStep = z.infer<typeof testStep>;

export const testNote = z.strictObject({
  item: z.enum(["workflow", "trigger", "job", "edge"]),
  itemId: z.string().nullable(),
  message: z.string(),
});
export type TestNote = z.infer<typeof testNote>;

export const testRun = z
  .strictObject({
    ...testRow.shape,
    draftId: z.uuid(),
    workflowId: z.uuid(),
    errorMessage: z.string().nullable(),
    notes: z.array(testNote).meta({
      description: "What of the draft could not be run, or was not as in a live run, and why: by item.",
    }),
    steps: z.array(testStep),
  })
  .meta({ id: "TestRun" });
/** A test of a draft with all that it came to. */
export type TestRun = z.infer<typeof testRun>;

/** How a draft is tested by itself. */
export const draftTest = z
  .strictObject({
    testId: z.uuid(),
    path: z.string().meta({
      description:
        "Of the test URL, on this origin. `/i/{testId}/{triggerId}` leads to that trigger alone, whatever its filter's neighbours say.",
    }),
    isOpen: z.boolean(),
    openUntil: moment.nullable().meta({ description: "null: it was never opened, or is closed." }),
    mode: z.enum(testModes).meta({ description: "Of tests by URL and by clock." }),
    scheduleUntil: moment
      .nullable()
      .meta({ description: "Until when the draft's cron triggers are followed." }),
    nextAt: moment
      .nullable()
      .meta({ description: "When the next of them fires; null where none is followed." }),
  })
  .meta({ id: "DraftTest" });
export type DraftTest = z.infer<typeof draftTest>;

const endOfTest = z.strictObject({
  state: z.enum(testStates),
  errorType: z.string().nullable(),
  errorMessage: z.string().nullable(),
});

const replayChange = z.strictObject({
  jobId: z.uuid().nullable().meta({ description: "null: the whole." }),
  jobName: z.string(),
  what: z.enum(["end", "output", "requests"]),
  before: z.string().nullable().meta({ description: "In a word or two: how it ended, how many requests." }),
  after: z.string().nullable(),
  difference: textDifference
    .nullable()
    .meta({ description: "Line by line, keys in order; null of how it ended." }),
});
export type ReplayChange = z.infer<typeof replayChange>;

export const replayed = z
  .strictObject({
    items: z.array(
      z.strictObject({
        messageId: z.uuid(),
        problem: z.string().nullable().meta({ description: "Why it was not compared; null: it was." }),
        before: endOfTest.nullable().meta({ description: "The saved version on it." }),
        after: endOfTest.nullable(),
        changes: z.array(replayChange),
        unsteady: z.array(z.strictObject({ jobId: z.uuid(), jobName: z.string(), what: z.string() })).meta({
          description:
            "What differs between two runs of the saved version, too, such as a time: it is not told as a change.",
        }),
      }),
    ),
    lockVersion: z.int().meta({ description: "The saved version." }),
  })
  .meta({ id: "Replayed" });
export type Replayed = z.infer<typeof replayed>;
