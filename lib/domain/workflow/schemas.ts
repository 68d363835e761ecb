import { z } from "zod";
import { anyJson, storable, unstorable } from "@/lib/domain/fields";
import type { ExactJson } from "@/lib/exact-json";
import { deliveryRule, ratePerMinute } from "@/lib/inbox/delivery-rule";
import { limits, orSay, tooMuch, utf8Bytes } from "@/lib/limits";
import { isStorable } from "@/lib/text";
import { edgeConditions, triggerTypes, webhookReplies, whenRunningWords } from "@/lib/words";
import { codeTokens } from "@/lib/workflow/code-tokens";
import { defaultCronExpression } from "@/lib/workflow/cron";
import { maxNamedTypes, retryBounds } from "@/lib/workflow/retry";

/** Lower case, as Postgres returns it: graphs refer to each other's ids as text. */
export const clientUuid = z.uuid().transform((id) => id.toLowerCase());

/** PostgreSQL's `integer`. */
const maxInteger = 2_147_483_647;

const text = (maxLength: number) => storable.max(maxLength);
export const itemName = storable.max(limits.itemName, orSay("itemName", "It"));

/** What is new in a version, in its author's words. Blank is none. */
export const versionNote = storable
  .max(limits.versionNote, orSay("versionNote", "It"))
  .transform((note) => note.trim() || null);

/** A job's code. */
export const jobCode = storable
  .refine((code) => utf8Bytes(code) <= limits.jobCode, {
    error: ({ input }) => tooMuch("jobCode", utf8Bytes(String(input)), "The job"),
    abort: true,
  })
  .refine((code) => codeTokens(code, limits.codeTokens) <= limits.codeTokens, {
    error: () => tooMuch("codeTokens", null, "The job"),
  });

/** JSON of a request or of a file, in exact decimals. */
const filter: z.ZodType<ExactJson> = anyJson.refine(isStorable, unstorable);
/** Those below 200 are no answers. Null, which OpenFn's files have for none, is none. */
const statusCode = z.number().int().min(200).max(599).nullish();

/** Blank clears it, as in OpenFn. */
const customPath = text(1_000)
  .transform((path) => path.trim() || null)
  .nullable()
  .default(null);

const triggerFields = z.strictObject({
  id: clientUuid,
  type: z.enum(triggerTypes),
  enabled: z.boolean().default(true),
  inclusion: filter.nullable().default(null),
  exclusion: filter.nullable().default(null),
  cronExpression: text(200).nullable().default(null),
  cronCursorJobId: clientUuid.nullable().default(null),
  webhookReply: z.enum(webhookReplies).nullable().default(null),
  webhookResponseConfig: z
    .strictObject({ success_code: statusCode, error_code: statusCode })
    .transform(({ success_code, error_code }) => ({
      ...(success_code == null ? {} : { success_code }),
      ...(error_code == null ? {} : { error_code }),
    }))
    .nullable()
    .default(null),
  sourceJobId: clientUuid.nullable().default(null),
  timeZone: text(100).nullable().default(null),
  whenRunning: z.enum(whenRunningWords).nullable().default(null),
  customPath,
  takesGet: z.boolean().nullable().default(null),
  openRosa: z.boolean().nullable().default(null),
  deliveryId: deliveryRule.nullable().default(null),
  ratePerMinute: ratePerMinute.nullable().default(null),
});

/**
 * A clock has no address: what OpenFn's files say of one is dropped. One that says no time is midnight (reference: platform
 * §3.8).
 */
const triggerInput = triggerFields.transform((trigger) =>
  trigger.type === "cron"
    ? { ...trigger, customPath: null, cronExpression: trigger.cronExpression ?? defaultCronExpression }
    : trigger,
);

const within = ([least, most]: readonly [number, number]) => z.int().min(least).max(most);

const retryPolicy = z
  .strictObject({
    attempts: within(retryBounds.attempts).meta({ description: "All of them, the first included." }),
    delaySeconds: within(retryBounds.delaySeconds).meta({
      description: "Before the second. Each pause is twice the one before, and up to half shorter by chance.",
    }),
    maxDelaySeconds: within(retryBounds.maxDelaySeconds).meta({
      description: "The longest pause. A `Retry-After` of the other system is obeyed within it.",
    }),
    errorTypes: z.array(text(100)).min(1).max(maxNamedTypes).nullable().default(null).meta({
      description: "Types of errors that are worth another attempt; null: whatever makes the job fail.",
    }),
  })
  .meta({ description: "When the job is tried again by itself. null: never." });

const jobInput = z.strictObject({
  id: clientUuid,
  name: itemName,
  body: jobCode,
  adaptor: text(200),
  projectCredentialId: clientUuid.nullable().default(null),
  keychainCredentialId: clientUuid
    .nullable()
    .default(null)
    .meta({ description: "Instead of a credential: a keychain, which chooses one by the step's input." }),
  retry: retryPolicy.nullable().default(null),
  libraryJobId: clientUuid.nullable().default(null),
  libraryVersion: z.int().positive().max(maxInteger).nullable().default(null),
});

const edgeInput = z.strictObject({
  id: clientUuid,
  sourceTriggerId: clientUuid.nullable().default(null),
  sourceJobId: clientUuid.nullable().default(null),
  targetJobId: clientUuid,
  conditionType: z.enum(edgeConditions),
  conditionExpression: storable
    .max(limits.condition, orSay("condition", "The edge"))
    .nullable()
    .default(null),
  conditionLabel: text(255).nullable().default(null),
  enabled: z.boolean().default(true),
});

const position = z.strictObject({ x: z.number(), y: z.number() });

/** A whole workflow as a client sends it. What is left out of `triggers`, `jobs` and `edges` is deleted. */
export const workflowInput = z.strictObject({
  name: itemName.transform((name) => name.trim()),
  concurrency: z.number().int().positive().max(maxInteger).nullable().default(null),
  triggers: z.array(triggerInput).max(limits.workflowTriggers, orSay("workflowTriggers", "The workflow")),
  jobs: z.array(jobInput).max(limits.workflowJobs, orSay("workflowJobs", "The workflow")),
  edges: z.array(edgeInput).max(limits.workflowEdges, orSay("workflowEdges", "The workflow")),
  positions: z.record(text(200), position).nullable().default(null),
  orderKey: text(200).nullable().default(null),
  jobLogs: z.boolean().nullable().default(null),
});

const noteOfVersion = versionNote
  .nullish()
  .meta({ description: "What is new in the version, in its author's words." });

/** `lockVersion`: the version the edit started from; left out (or null) for a new workflow. */
export const saveWorkflowInput = workflowInput.extend({
  id: clientUuid.optional(),
  lockVersion: z.number().int().nonnegative().max(maxInteger).nullish(),
  note: noteOfVersion,
});

/** A change of a known workflow: the version it started from is named. */
export const savedVersionInput = workflowInput.extend({
  lockVersion: z.number().int().positive().max(maxInteger),
  note: noteOfVersion,
});

export type WorkflowInput = z.infer<typeof workflowInput>;
export type SaveWorkflowInput = z.input<typeof saveWorkflowInput>;
