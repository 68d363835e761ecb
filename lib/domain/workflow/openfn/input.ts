import { z } from "zod";
import type { SaveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { edgeConditions, triggerTypes, webhookReplies } from "@/lib/words";
import type { Edge, JobNode, TriggerNode } from "@/lib/workflow/types";

/** Ids of a body may be anything: those of a new workflow are replaced. */
const id = z.union([z.string(), z.number()]);

/** A body of OpenFn's workflow API; what it says besides is not looked at, as there. */
export const openfnWorkflowBody = z
  .looseObject({
    id: z.unknown().optional(),
    project_id: z.unknown().optional(),
    name: z.unknown().optional(),
    lock_version: z.unknown().optional(),
    triggers: z.unknown().optional(),
    jobs: z.unknown().optional(),
    edges: z.unknown().optional(),
  })
  .meta({ description: "As OpenFn's API takes it: told apart by its snake_case keys." });

type Item = Record<string, unknown>;
export type Kind = "triggers" | "jobs" | "edges";
export const kinds = ["triggers", "jobs", "edges"] as const;

/** The three lists of a body; undefined for one that it has not. Null for what is no list of objects. */
export function itemsIn(body: Item, kind: Kind): Item[] | undefined | null {
  const value = body[kind];
  if (value === undefined) return undefined;
  return Array.isArray(value) && value.every(isItem) ? value : null;
}

const isItem = (value: unknown): value is Item =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a body is meant as OpenFn's: it names the project, writes keys as OpenFn does, or has ids that are none of ours. */
export function isOpenfnBody(body: unknown): boolean {
  if (!isItem(body)) return false;
  return (
    Object.keys(body).some(isSnake) ||
    kinds.some((kind) =>
      itemsIn(body, kind)?.some((item) => Object.keys(item).some(isSnake) || hasOtherId(item)),
    )
  );
}

const isSnake = (key: string): boolean => key.includes("_");
const hasOtherId = (item: Item): boolean => "id" in item && !z.uuid().safeParse(item.id).success;

/** The id that a client gave an item, as text; undefined when it gave none. */
export function clientId(item: Item): string | undefined {
  const { success, data } = id.safeParse(item.id);
  return success ? String(data) : undefined;
}

const nullable = <S extends z.ZodType>(schema: S) => schema.nullable();
const text = z.string();

/** Each field by OpenFn's name: ours, and what it must be. */
const fields = {
  triggers: {
    type: ["type", z.enum(triggerTypes)],
    enabled: ["enabled", z.boolean()],
    cron_expression: ["cronExpression", nullable(text)],
    cron_cursor_job_id: ["cronCursorJobId", nullable(text)],
    custom_path: ["customPath", nullable(text)],
    webhook_reply: ["webhookReply", nullable(z.enum(webhookReplies))],
    webhook_response_config: [
      "webhookResponseConfig",
      nullable(z.strictObject({ success_code: z.int().nullish(), error_code: z.int().nullish() })),
    ],
  },
  jobs: {
    name: ["name", text],
    body: ["body", text],
    adaptor: ["adaptor", text],
    project_credential_id: ["projectCredentialId", nullable(z.uuid())],
    keychain_credential_id: ["keychainCredentialId", nullable(z.uuid())],
  },
  edges: {
    source_trigger_id: ["sourceTriggerId", nullable(id)],
    source_job_id: ["sourceJobId", nullable(id)],
    target_job_id: ["targetJobId", id],
    condition_type: ["conditionType", z.enum(edgeConditions)],
    condition_label: ["conditionLabel", nullable(text)],
    condition_expression: ["conditionExpression", nullable(text)],
    enabled: ["enabled", z.boolean()],
  },
} as const satisfies Record<Kind, Record<string, readonly [string, z.ZodType]>>;

type Read = { values: Record<string, unknown>; invalid: string[] };

/** What an item says, by our names, and OpenFn's names of those fields whose values are none. */
export function readItem(kind: Kind, item: Item): Read {
  const read: Read = { values: {}, invalid: [] };
  for (const [name, [ours, schema]] of Object.entries(fields[kind])) {
    if (!(name in item)) continue;
    const { success, data } = schema.safeParse(item[name]);
    if (success) read.values[ours] = typeof data === "number" ? String(data) : data;
    else read.invalid.push(name);
  }
  return read;
}

/** OpenFn's name of one of our fields. */
export const openfnField = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const defaults = {
  triggers: { type: "webhook", enabled: true },
  jobs: { name: "", body: "", adaptor: "@openfn/language-common@latest" },
  edges: { conditionType: "always", sourceTriggerId: null, sourceJobId: null, enabled: true },
} satisfies Record<Kind, object>;

type Known = TriggerNode | JobNode | Edge;

/** An item as our own API takes it: what it says over what is known of it, or over what a new one is. */
export function itemInput(kind: Kind, id: string, values: object, known?: Known): Record<string, unknown> {
  const { adaptorVersion: _, ...before } = { ...(known ?? defaults[kind]) } as Record<string, unknown>;
  const said: Record<string, unknown> = { ...before, ...values, id };
  const startsAtJob = kind === "edges" && !known && Boolean(said.sourceJobId);
  return startsAtJob && !("conditionType" in values) ? { ...said, conditionType: "on_job_success" } : said;
}

export type Lists = Pick<SaveWorkflowInput, "triggers" | "jobs" | "edges">;
