import { z } from "zod";
import { moment, storable } from "@/lib/domain/fields";
import { messageFilter } from "@/lib/domain/message/filter";
import { pageInput, timeRange } from "@/lib/domain/page";
import { runFilter } from "@/lib/domain/run/list";
import { rerunPreview } from "@/lib/domain/run/types";
import { limits, orSay } from "@/lib/limits";
import { bulkKinds, bulkReasons, bulkStates, bulkTargets, bulkWaits, runStates } from "@/lib/words";

const ids = z
  .array(z.uuid())
  .min(1, "Choose at least one.")
  .max(limits.bulkIds, orSay("bulkIds", "The selection"))
  .optional();

const selection = {
  ids: ids.meta({ description: "The chosen ones; without them all that the filter finds." }),
};

/** What a bulk act is for: chosen ids, or what a list shows with this filter. */
const target = z
  .discriminatedUnion("target", [
    z.strictObject({ target: z.literal("messages"), ...selection, filter: messageFilter.optional() }),
    z.strictObject({ target: z.literal("runs"), ...selection, filter: runFilter.optional() }),
    z.strictObject({ target: z.literal("rejected"), ...selection, filter: timeRange.optional() }),
    z.strictObject({ target: z.literal("issue"), issueId: z.uuid(), ...selection }),
  ])
  .meta({
    description:
      "`messages` of the inbox, `runs` of the activity history, or work orders that were `rejected`, each with the filter that its list takes; or the work orders that an `issue` affects still.",
  });

const most = { ratePerMinute: 60_000, rounds: 100 } as const;

export const bulkInput = z.strictObject({
  kind: z.enum(bulkKinds).meta({
    description:
      "`rerun`: once more what has run, on the same work orders. `reprocess`: as if the message had just arrived, for whatever asks for it now. `cancel`: what waits or runs. `release`: the first run of what was rejected.",
  }),
  of: target,
  jobId: z.uuid().optional().meta({
    description:
      "Rerun: the job to start from, on the input it had. Without it from the start. Of an issue it is its job.",
  }),
  workflowId: z.uuid().optional().meta({
    description: "Rerun of messages: with this workflow alone, also where none has processed them.",
  }),
  version: z
    .enum(["latest", "original"])
    .default("latest")
    .meta({ description: "Rerun: the workflow of now, or the version that ran then." }),
});
export type BulkInput = z.output<typeof bulkInput>;

export const startBulkInput = bulkInput.extend({
  name: storable.trim().min(1, "Give it a name.").max(100),
  ratePerMinute: z
    .int()
    .min(1)
    .max(most.ratePerMinute)
    .nullable()
    .default(null)
    .meta({ description: "Runs a minute; null = as fast as they are executed." }),
  maxRounds: z.int().min(1).max(most.rounds).default(1).meta({
    description:
      "Rerun by a filter with a state: how many times what the filter finds is done again, once all its runs have ended, until it finds nothing more to do.",
  }),
});

/** A bulk act and how far it has come. */
export const bulkAct = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(bulkKinds),
    target: z.enum(bulkTargets),
    chosen: z
      .int()
      .nullable()
      .meta({ description: "How many were chosen by id; null: a filter finds them." }),
    filter: z.record(z.string(), z.string()).nullable(),
    filterNames: z.record(z.string(), z.string()).meta({
      description:
        "What the job, the workflow and the bulk act that the filter names are called, while they are there.",
    }),
    jobId: z.uuid().nullable(),
    jobName: z.string().nullable(),
    workflowId: z.uuid().nullable(),
    version: z.enum(["latest", "original"]),
    ratePerMinute: z.int().nullable(),
    state: z.enum(bulkStates),
    waitsFor: z
      .enum(bulkWaits)
      .nullable()
      .meta({ description: "What it waits for at the moment; null: nothing." }),
    nextAt: moment.meta({ description: "Nothing is done before." }),
    problem: z.string().nullable().meta({ description: "Why it was paused when nobody asked for it." }),
    round: z.int(),
    maxRounds: z.int(),
    total: z.int().meta({ description: "Items at its start, counted up to a bound." }),
    isMore: z.boolean().meta({ description: "There were more than `total`." }),
    seen: z.int().meta({ description: "Items that it has come by." }),
    done: z.int().meta({ description: "Of these, those that it did something with." }),
    refused: z.int().meta({ description: "Those that it could not do, each listed with the reason." }),
    runs: z.int().meta({ description: "Runs that it queued, or cancelled." }),
    takenBack: z.int().meta({ description: "Of these, those that were taken back before they had started." }),
    createdBy: z.string(),
    createdAt: moment,
    endedAt: moment.nullable(),
  })
  .meta({ id: "BulkAct" });
export type BulkAct = z.infer<typeof bulkAct>;

const reasonCount = z.strictObject({ reason: z.enum(bulkReasons), meaning: z.string(), count: z.int() });

export const bulkActDetail = z
  .strictObject({
    ...bulkAct.shape,
    runStates: z
      .array(z.strictObject({ state: z.enum(runStates), count: z.int() }))
      .meta({ description: "How the runs that it queued stand; 10,001 of a state are more than 10,000." }),
    refusals: z.array(reasonCount),
  })
  .meta({ id: "BulkActDetail" });
export type BulkActDetail = z.infer<typeof bulkActDetail>;

export const bulkRefusal = z
  .strictObject({ itemId: z.uuid(), reason: z.enum(bulkReasons), meaning: z.string() })
  .meta({ id: "BulkRefusal" });
export type BulkRefusal = z.infer<typeof bulkRefusal>;

export const bulkPreview = z
  .strictObject({
    count: z.int(),
    isMore: z.boolean().meta({ description: "There are more than `count`." }),
    sample: z
      .array(z.strictObject({ id: z.uuid(), at: moment, summary: z.string() }))
      .meta({ description: "The first of them, in the order in which they will be done." }),
    looked: z.int().meta({ description: "How many of the first the next three are about." }),
    runs: z.int().meta({ description: "Runs that would be queued, or cancelled." }),
    succeeded: rerunPreview.shape.succeeded,
    refusals: z.array(reasonCount).meta({ description: "What cannot be done, and why." }),
  })
  .meta({ id: "BulkPreview" });
export type BulkPreview = z.infer<typeof bulkPreview>;

export const listBulkInput = pageInput;
