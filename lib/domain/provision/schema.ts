import { z } from "zod";
import { anyJson, moment } from "@/lib/domain/fields";
import type { ProjectDocument } from "@/lib/portability/document";
import { notDocument } from "./payload";

const extension = { description: "Only with `extensions`." };

const job = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  adaptor: z.string(),
  body: z.string(),
  project_credential_id: z.uuid().nullable(),
  keychain_credential_id: z.uuid().exactOptional().meta(extension),
  retry: z
    .strictObject({
      attempts: z.int(),
      delay_seconds: z.int(),
      max_delay_seconds: z.int(),
      error_types: z.array(z.string()).exactOptional(),
    })
    .exactOptional()
    .meta(extension),
  library_entry: z.string().exactOptional().meta(extension),
  library_version: z.int().exactOptional().meta(extension),
});

const trigger = z.strictObject({
  id: z.uuid(),
  type: z.string(),
  enabled: z.boolean(),
  cron_expression: z.string().exactOptional(),
  cron_cursor_job_id: z.uuid().exactOptional(),
  webhook_reply: z.string().exactOptional(),
  webhook_response_config: z
    .strictObject({ success_code: z.int().exactOptional(), error_code: z.int().exactOptional() })
    .exactOptional(),
  custom_path: z.string().exactOptional().meta(extension),
  inclusion: anyJson.exactOptional().meta(extension),
  exclusion: anyJson.exactOptional().meta(extension),
  time_zone: z.string().exactOptional().meta(extension),
  when_running: z.string().exactOptional().meta(extension),
  source_job_id: z.uuid().exactOptional().meta(extension),
  takes_get: z.boolean().exactOptional().meta(extension),
  open_rosa: z.boolean().exactOptional().meta(extension),
  delivery_id: z
    .strictObject({
      header: z.string().exactOptional(),
      path: z.string().exactOptional(),
      hours: z.int().exactOptional(),
    })
    .exactOptional()
    .meta(extension),
  rate_per_minute: z.int().exactOptional().meta(extension),
});

const edge = z.strictObject({
  id: z.uuid(),
  enabled: z.boolean(),
  source_trigger_id: z.uuid().exactOptional(),
  source_job_id: z.uuid().exactOptional(),
  target_job_id: z.uuid(),
  condition_type: z.string(),
  condition_label: z.string().exactOptional(),
  condition_expression: z.string().exactOptional(),
});

const workflow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  project_id: z.uuid(),
  inserted_at: moment,
  updated_at: moment,
  deleted_at: z.null(),
  lock_version: z.int(),
  concurrency: z.int().nullable(),
  version_history: z.array(z.string()).exactOptional().meta({
    description: "`<app or cli>:<hash>` of each version, oldest first. Not of an older version.",
  }),
  order_key: z.string().exactOptional().meta(extension),
  enable_job_logs: z.boolean().exactOptional().meta(extension),
  jobs: z.array(job),
  triggers: z.array(trigger),
  edges: z.array(edge),
});

/** A project as it is answered (lib/portability/document.ts). Keys without a value are left out, but for a job's credential. */
const projectDocument: z.ZodType<ProjectDocument> = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    inserted_at: moment,
    updated_at: moment,
    scheduled_deletion: moment.nullable(),
    requires_mfa: z.boolean(),
    retention_policy: z.string(),
    history_retention_period: z.int().nullable(),
    dataclip_retention_period: z.int().nullable(),
    concurrency: z.int().nullable(),
    allow_support_access: z.boolean(),
    color: z.string().nullable(),
    env: z.string().nullable().exactOptional(),
    parent_id: z.uuid().nullable(),
    project_credentials: z.array(z.strictObject({ id: z.uuid(), name: z.string(), owner: z.string() })),
    keychain_credentials: z
      .array(
        z.strictObject({
          id: z.uuid(),
          name: z.string(),
          path: z.string(),
          default_credential_id: z.uuid().nullable(),
        }),
      )
      .exactOptional()
      .meta(extension),
    collections: z.array(z.strictObject({ id: z.uuid(), name: z.string() })).exactOptional(),
    workflows: z.array(workflow),
  })
  .meta({ id: "ProjectDocument" });

export const documentAnswer = z.strictObject({ data: projectDocument });

export const provisionAnswer = z.strictObject({
  data: projectDocument,
  warnings: z.array(z.string()).exactOptional().meta({
    description:
      "With `extensions`: what is otherwise than the document says, such as a job whose adaptor cannot be had.",
  }),
});

/** What a client sends: the verb itself says what is wrong with it, all at once and under people's names. */
export const sentDocument = z.record(z.string(), z.any(), { error: notDocument }).meta({
  id: "SentDocument",
  description:
    "A project with everything in it, as `GET /api/provision/{id}` answers it: lists, or maps of records. Every record has an `id` that its client made. What is left out stays as it is; `delete: true` deletes. Columns that only the server sets are accepted and change nothing, other keys are refused.",
});

export const provisionQuery = z.strictObject({
  extensions: z.stringbool().optional().meta({
    description: "The client knows what OpenFn does not: a null takes away, and the answer says all of it.",
  }),
});
