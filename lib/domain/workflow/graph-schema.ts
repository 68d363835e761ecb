import { z } from "zod";
import { anyJson } from "@/lib/domain/fields";
import type { DraftGraph } from "@/lib/editor/graph";
import { edgeConditions, triggerTypes, webhookReplies, whenRunningWords } from "@/lib/words";
import type { WorkflowGraph } from "@/lib/workflow/types";

const triggerNode = z.strictObject({
  id: z.uuid(),
  type: z.enum(triggerTypes),
  enabled: z.boolean(),
  inclusion: anyJson.nullable(),
  exclusion: anyJson.nullable(),
  cronExpression: z.string().nullable(),
  cronCursorJobId: z.uuid().nullable(),
  webhookReply: z.enum(webhookReplies).nullable(),
  webhookResponseConfig: z
    .strictObject({ success_code: z.int().exactOptional(), error_code: z.int().exactOptional() })
    .nullable(),
  sourceJobId: z.uuid().nullable(),
  timeZone: z.string().nullable(),
  whenRunning: z.enum(whenRunningWords).nullable(),
  customPath: z.string().nullable(),
  takesGet: z.boolean().nullable(),
  openRosa: z.boolean().nullable(),
  deliveryId: z
    .strictObject({
      header: z.string().exactOptional(),
      path: z.string().exactOptional(),
      hours: z.int().exactOptional(),
    })
    .nullable(),
  ratePerMinute: z.int().nullable(),
});

const jobNode = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  body: z.string(),
  adaptor: z.string().meta({ description: "As written, e.g. @openfn/language-http@latest." }),
  adaptorVersion: z.string().nullable().meta({
    description:
      "The exact version that it was pinned to; null when its adaptor cannot be had, and then it cannot run.",
  }),
  projectCredentialId: z.uuid().nullable(),
  keychainCredentialId: z.uuid().nullable(),
  retry: z
    .strictObject({
      attempts: z.int(),
      delaySeconds: z.int(),
      maxDelaySeconds: z.int(),
      errorTypes: z.array(z.string()).nullable(),
    })
    .nullable(),
  libraryJobId: z.uuid().nullable(),
  libraryVersion: z.int().nullable(),
});

const edge = z.strictObject({
  id: z.uuid(),
  sourceTriggerId: z.uuid().nullable(),
  sourceJobId: z.uuid().nullable(),
  targetJobId: z.uuid(),
  conditionType: z.enum(edgeConditions),
  conditionExpression: z.string().nullable(),
  conditionLabel: z.string().nullable(),
  enabled: z.boolean(),
});

const settings = {
  name: z.string(),
  concurrency: z.int().nullable(),
  triggers: z.array(triggerNode),
  edges: z.array(edge),
  positions: z.record(z.string(), z.strictObject({ x: z.number(), y: z.number() })).nullable(),
  orderKey: z.string().nullable(),
  jobLogs: z.boolean().nullable(),
};

/** One version of a workflow, as it is answered. */
export const workflowGraph: z.ZodType<WorkflowGraph> = z
  .strictObject({ ...settings, jobs: z.array(jobNode) })
  .meta({ id: "WorkflowGraph" });

/** A draft of one, whose adaptors are as they are written. */
export const draftGraph: z.ZodType<DraftGraph> = z
  .strictObject({ ...settings, jobs: z.array(jobNode.omit({ adaptorVersion: true })) })
  .meta({ id: "DraftGraph" });
