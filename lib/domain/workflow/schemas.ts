import { z } from "zod";
import { storable, unstorable } from "@/lib/domain/fields";
import { isStorable } from "@/lib/text";
import { edgeConditions, triggerTypes, webhookReplies } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";

/** Lower case, as Postgres returns it: graphs refer to each other's ids as text. */
export const clientUuid = z.uuid().transform((id) => id.toLowerCase());

/** PostgreSQL's `integer`. */
const maxInteger = 2_147_483_647;

const text = (maxLength: number) => storable.max(maxLength);

const json = z
  .json()
  .refine(isStorable, unstorable)
  .transform((value): Json => value);
const statusCode = z.number().int().min(100).max(599).optional();

const triggerInput = z.strictObject({
  id: clientUuid,
  type: z.enum(triggerTypes),
  enabled: z.boolean().default(true),
  inclusion: json.nullable().default(null),
  exclusion: json.nullable().default(null),
  cronExpression: text(200).nullable().default(null),
  cronCursorJobId: clientUuid.nullable().default(null),
  webhookReply: z.enum(webhookReplies).nullable().default(null),
  webhookResponseConfig: z
    .strictObject({ success_code: statusCode, error_code: statusCode })
    .transform(({ success_code, error_code }) => ({
      ...(success_code === undefined ? {} : { success_code }),
      ...(error_code === undefined ? {} : { error_code }),
    }))
    .nullable()
    .default(null),
});

const jobInput = z.strictObject({
  id: clientUuid,
  name: text(200),
  body: text(1_000_000),
  adaptor: text(200),
  projectCredentialId: clientUuid.nullable().default(null),
});

const edgeInput = z.strictObject({
  id: clientUuid,
  sourceTriggerId: clientUuid.nullable().default(null),
  sourceJobId: clientUuid.nullable().default(null),
  targetJobId: clientUuid,
  conditionType: z.enum(edgeConditions),
  conditionExpression: text(10_000).nullable().default(null),
  conditionLabel: text(200).nullable().default(null),
  enabled: z.boolean().default(true),
});

const position = z.strictObject({ x: z.number(), y: z.number() });

/** A whole workflow as a client sends it. What is left out of `triggers`, `jobs` and `edges` is deleted. */
export const workflowInput = z.strictObject({
  name: text(200).transform((name) => name.trim()),
  concurrency: z.number().int().positive().max(maxInteger).nullable().default(null),
  triggers: z.array(triggerInput).max(100),
  jobs: z.array(jobInput).max(500),
  edges: z.array(edgeInput).max(2000),
  positions: z.record(text(200), position).nullable().default(null),
});

/** `lockVersion`: the version the edit started from; left out (or null) for a new workflow. */
export const saveWorkflowInput = workflowInput.extend({
  id: clientUuid.optional(),
  lockVersion: z.number().int().nonnegative().max(maxInteger).nullish(),
});

/** A change of a known workflow: the version it started from is named. */
export const savedVersionInput = workflowInput.extend({
  lockVersion: z.number().int().positive().max(maxInteger),
});

export type WorkflowInput = z.infer<typeof workflowInput>;
export type SaveWorkflowInput = z.input<typeof saveWorkflowInput>;
