import { z } from "zod";
import { moment } from "@/lib/domain/fields";
import { issueStates, runStates, toldStatuses } from "@/lib/words";

/** How many days, today last, a trend is of. */
export const trendDays = 14;

/** One row of the list of issues. Dates are ISO strings. */
export const issueRow = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(issueStates),
    title: z.string().meta({
      description:
        "The error's message with numbers, ids, dates, addresses and quoted texts folded: `{number}`, `{text}` and so on.",
    }),
    errorType: z.string(),
    runState: z.enum(toldStatuses).meta({ description: "How the newest of its runs ended." }),
    workflowId: z.uuid(),
    workflowName: z.string().nullable().meta({ description: "Null: the workflow was deleted." }),
    jobId: z.uuid().nullable().meta({ description: "Null: its runs ended so without a job." }),
    jobName: z.string().nullable(),
    count: z.int().meta({ description: "Failures, each run once." }),
    affected: z.int().meta({
      description:
        "Work orders that have not succeeded since, counted up to 100 in a list and 10,000 of one.",
    }),
    isMoreAffected: z.boolean().meta({ description: "There are more than `affected`." }),
    trend: z
      .array(z.int())
      .length(trendDays)
      .meta({ description: `Failures a day (UTC) of the last ${trendDays}, today last.` }),
    firstSeenAt: moment,
    lastSeenAt: moment,
    lastRunId: z.uuid().meta({ description: "Of the newest failure; retention may have deleted it." }),
    changedBy: z.string().nullable().meta({ description: "Who said so; null: it came by itself." }),
    changedAt: moment.meta({ description: "Since when it stands so." }),
    ignoredUntil: moment.nullable(),
    ignoredUntilCount: z.int().nullable().meta({ description: "It is open again with so many failures." }),
    returned: z.int().meta({ description: "How often it was open again after it was resolved or ignored." }),
  })
  .meta({ id: "Issue" });
export type IssueRow = z.infer<typeof issueRow>;

/** A work order that an issue affects. */
export const issueOrder = z
  .strictObject({
    workOrderId: z.uuid(),
    messageId: z.uuid().nullable(),
    preview: z.string().nullable().meta({ description: "The beginning of its message." }),
    state: z.enum(runStates).meta({ description: "Of the work order now." }),
    runId: z.uuid().meta({ description: "Of its newest failure." }),
    stepId: z.uuid().nullable(),
    error: z.string().meta({ description: "The first line of that." }),
    times: z.int(),
    failedAt: moment,
    healedAt: moment.nullable().meta({ description: "When it was seen to have succeeded since." }),
  })
  .meta({ id: "IssueOrder" });
export type IssueOrder = z.infer<typeof issueOrder>;

/** What a run, or a message's receipt, says of the issues that its failures are part of. */
export const issueMark = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(issueStates),
    count: z.int(),
    runId: z.uuid().meta({ description: "Of the newest failure here." }),
    stepId: z.uuid().nullable(),
    healedAt: moment.nullable(),
  })
  .meta({ id: "IssueMark" });
export type IssueMark = z.infer<typeof issueMark>;
