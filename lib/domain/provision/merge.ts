import { entryName } from "@/lib/domain/library/types";
import { edgeConditions, triggerTypes, webhookReplies, whenRunningWords } from "@/lib/words";
import { plainJob, plainTrigger } from "@/lib/workflow/complete";
import type {
  DeliveryRule,
  Edge,
  JobNode,
  RetryPolicy,
  TriggerNode,
  WorkflowGraph,
} from "@/lib/workflow/types";
import { type Complain, Fields } from "./cast";
import { blank, type Item, type Raw, type WorkflowItem } from "./payload";

/** What a document refers to beyond the workflow. */
export type Surroundings = {
  /** The client knows our extensions: a null of it is one. */
  isExtended: boolean;
  /** The id under which the project has a credential that the document names. */
  credentialOf(id: string): string | null;
  keychainOf(id: string): string;
  /** The id of a library entry by its name. */
  entryOf(name: string): string | null;
  /** The id of a job of the project by `<workflow key>/<job key>`. */
  jobAt(place: string): string | null;
  /** The version that an adaptor is pinned to where it is new or written otherwise; null: it cannot be had. */
  pin(adaptor: string): string | null;
};

type Kind = "jobs" | "triggers" | "edges";
export type ComplainOf = (kind: Kind | null, item: { id: string } | null) => Complain;

/** OpenFn's default, for a job that says none. */
const usualAdaptor = "@openfn/language-common@latest";

/**
 * A workflow as it will be: what it is now, with what was sent. What was sent nothing of stays, in its place; what is new
 * comes after, in the order of the document; what is deleted takes its edges along.
 */
export function mergeWorkflow(
  { raw, jobs, triggers, edges }: WorkflowItem,
  old: WorkflowGraph | null,
  around: Surroundings,
  complain: ComplainOf,
): WorkflowGraph {
  const fields = new Fields(raw, complain(null, null));
  const mergedJobs = merged(jobs, old?.jobs ?? [], (item, known) =>
    mergeJob(item, known, around, complain("jobs", item)),
  );
  const mergedTriggers = merged(triggers, old?.triggers ?? [], (item, known) =>
    mergeTrigger(item, known, around, complain("triggers", item)),
  );
  const mergedEdges = merged(edges, old?.edges ?? [], (item, known) =>
    mergeEdge(item, known, complain("edges", item)),
  );
  const gone = new Set([...jobs, ...triggers].filter((item) => item.isDeletion).map(({ id }) => id));
  const isLeft = (id: string | null) => id === null || !gone.has(id);
  return {
    name: fields.text("name", old?.name ?? "").trim(),
    concurrency: fields.number("concurrency", old?.concurrency ?? null),
    triggers: mergedTriggers.map((trigger) =>
      isLeft(trigger.cronCursorJobId) ? trigger : { ...trigger, cronCursorJobId: null },
    ),
    jobs: mergedJobs,
    edges: mergedEdges.filter(
      (edge) => isLeft(edge.sourceJobId) && isLeft(edge.sourceTriggerId) && isLeft(edge.targetJobId),
    ),
    positions: placesOf(old?.positions ?? null, gone),
    orderKey: fields.optionalText("order_key", old?.orderKey ?? null),
    jobLogs: fields.optionalFlag("enable_job_logs", old?.jobLogs ?? null),
  };
}

function merged<T extends { id: string }, U extends { id: string }>(
  items: readonly Item[],
  old: readonly T[],
  merge: (item: Item, known: T | null) => U,
): (T | U)[] {
  const sent = new Map(items.map((item) => [item.id, item]));
  const kept = old.flatMap((known): (T | U)[] => {
    const item = sent.get(known.id);
    if (!item) return [known];
    return item.isDeletion ? [] : [merge(item, known)];
  });
  const there = new Set(old.map(({ id }) => id));
  const added = items.filter((item) => !there.has(item.id) && !item.isDeletion);
  return [...kept, ...added.map((item) => merge(item, null))];
}

function placesOf(positions: WorkflowGraph["positions"], gone: ReadonlySet<string>) {
  if (!positions || gone.size === 0) return positions;
  return Object.fromEntries(Object.entries(positions).filter(([id]) => !gone.has(id)));
}

function mergeJob(item: Item, old: JobNode | null, around: Surroundings, complain: Complain): JobNode {
  const fields = new Fields(item.raw, complain);
  const adaptor = fields.text("adaptor", old?.adaptor ?? usualAdaptor);
  if (adaptor === "") complain("adaptor", blank);
  const choice = choiceOf(fields, old, around);
  const libraryJobId = fields.has("library_entry")
    ? entryOf(fields, around, complain)
    : (old?.libraryJobId ?? null);
  return {
    id: item.id,
    name: fields.text("name", old?.name ?? ""),
    body: fields.text("body", old?.body ?? ""),
    adaptor,
    adaptorVersion: (old?.adaptor === adaptor ? old.adaptorVersion : null) ?? around.pin(adaptor),
    ...choice,
    retry: fields.map("retry", old?.retry ?? plainJob.retry, readRetry),
    libraryJobId,
    libraryVersion:
      libraryJobId === null ? null : fields.number("library_version", old?.libraryVersion ?? null),
  };
}

function entryOf(fields: Fields, around: Surroundings, complain: Complain): string | null {
  const name = fields.optionalText("library_entry", null);
  if (name === null) return null;
  const { error } = entryName.safeParse(name);
  for (const { message } of error?.issues ?? []) complain("library_entry", message);
  return error ? null : around.entryOf(name);
}

/** A credential or a keychain. OpenFn's newer tools send a null keychain whatever the job has. */
function choiceOf(
  fields: Fields,
  old: JobNode | null,
  { isExtended, credentialOf, keychainOf }: Surroundings,
) {
  const credential = fields.id("project_credential_id", old?.projectCredentialId ?? null);
  const named = fields.id("keychain_credential_id", old?.keychainCredentialId ?? null);
  const keychain = named === null ? null : keychainOf(named);
  const projectCredentialId = credential === null ? null : credentialOf(credential);
  const isSilent = !isExtended && keychain === null;
  const kept = isSilent ? (old?.keychainCredentialId ?? null) : keychain;
  const isReplaced = projectCredentialId !== null && (isSilent || !fields.has("keychain_credential_id"));
  return { projectCredentialId, keychainCredentialId: isReplaced ? null : kept };
}

const readRetry = (raw: Raw): RetryPolicy =>
  ({
    attempts: raw.attempts,
    delaySeconds: raw.delay_seconds,
    maxDelaySeconds: raw.max_delay_seconds,
    errorTypes: raw.error_types ?? null,
  }) as RetryPolicy;

function mergeTrigger(
  item: Item,
  old: TriggerNode | null,
  around: Surroundings,
  complain: Complain,
): TriggerNode {
  const fields = new Fields(item.raw, complain);
  const kafka = item.raw.type === "kafka" || isFilled(item.raw.kafka_configuration);
  if (kafka) refuseKafka(item.raw, complain);
  const was = old ?? { ...noTrigger, ...plainTrigger };
  const type = kafka ? was.type : fields.requiredWord("type", was.type, triggerTypes);
  const trigger: TriggerNode = {
    id: item.id,
    type,
    enabled: fields.flag("enabled", was.enabled),
    inclusion: fields.any("inclusion", was.inclusion),
    exclusion: fields.any("exclusion", was.exclusion),
    cronExpression: fields.optionalText("cron_expression", was.cronExpression),
    cronCursorJobId: fields.id("cron_cursor_job_id", was.cronCursorJobId),
    webhookReply: fields.word("webhook_reply", was.webhookReply, webhookReplies),
    webhookResponseConfig: fields.map("webhook_response_config", was.webhookResponseConfig, readCodes),
    sourceJobId: sourceJobOf(fields, was, around, complain),
    timeZone: fields.optionalText("time_zone", was.timeZone),
    whenRunning: fields.word("when_running", was.whenRunning, whenRunningWords),
    customPath: fields.optionalText("custom_path", was.customPath),
    takesGet: fields.optionalFlag("takes_get", was.takesGet),
    openRosa: fields.optionalFlag("open_rosa", was.openRosa),
    deliveryId: fields.map("delivery_id", was.deliveryId, (raw) => raw as DeliveryRule),
    ratePerMinute: fields.number("rate_per_minute", was.ratePerMinute),
  };
  return fitting(trigger, item.raw);
}

const noTrigger = {
  type: "webhook",
  enabled: true,
  inclusion: null,
  exclusion: null,
  cronExpression: null,
  cronCursorJobId: null,
  webhookReply: null,
  webhookResponseConfig: null,
} as const satisfies Partial<TriggerNode>;

const readCodes = ({ success_code, error_code }: Raw) =>
  ({
    ...(isFilled(success_code) ? { success_code } : {}),
    ...(isFilled(error_code) ? { error_code } : {}),
  }) as NonNullable<TriggerNode["webhookResponseConfig"]>;

function refuseKafka({ kafka_configuration }: Raw, complain: Complain): void {
  complain("type", "There are no Kafka triggers here. Choose webhook, message_filter or cron.");
  const secret = "credentials can only be changed through the dashboard";
  if (typeof kafka_configuration !== "object" || kafka_configuration === null) return;
  for (const field of ["username", "password"])
    if (field in kafka_configuration) complain(`kafka_configuration.${field}`, secret);
}

/** A job of another workflow, by its id or by its place. */
function sourceJobOf(
  fields: Fields,
  { sourceJobId }: Pick<TriggerNode, "sourceJobId">,
  { jobAt }: Surroundings,
  complain: Complain,
): string | null {
  const byId = fields.id("source_job_id", sourceJobId);
  if (fields.has("source_job_id") || !fields.has("source_job")) return byId;
  const place = fields.optionalText("source_job", null);
  if (place === null) return null;
  const found = jobAt(place);
  if (found === null) complain("source_job", `Cannot find job: ${place}`);
  return found ?? sourceJobId;
}

/** Fields that a trigger of a type has; what it had as another type goes. */
const fieldsOf: Record<
  string,
  { type: TriggerNode["type"]; columns: Partial<Record<keyof TriggerNode, string>> }
> = {
  cron: {
    type: "cron",
    columns: {
      cronExpression: "cron_expression",
      cronCursorJobId: "cron_cursor_job_id",
      timeZone: "time_zone",
      whenRunning: "when_running",
    },
  },
  webhook: {
    type: "webhook",
    columns: {
      webhookReply: "webhook_reply",
      webhookResponseConfig: "webhook_response_config",
      customPath: "custom_path",
      takesGet: "takes_get",
      openRosa: "open_rosa",
      deliveryId: "delivery_id",
      ratePerMinute: "rate_per_minute",
    },
  },
  message_filter: {
    type: "message_filter",
    columns: { inclusion: "inclusion", exclusion: "exclusion" },
  },
};

/** OpenFn's own fields without effect are dropped, as its server does, and ours where nobody sent them now. */
const openfns = new Set([
  "cron_expression",
  "cron_cursor_job_id",
  "webhook_reply",
  "webhook_response_config",
  "custom_path",
]);

function fitting(trigger: TriggerNode, raw: Raw): TriggerNode {
  const isDropped = (column: string) => openfns.has(column) || raw[column] === undefined;
  const dropped = Object.values(fieldsOf)
    .filter(({ type }) => type !== trigger.type)
    .flatMap(({ columns }) => Object.entries(columns))
    .filter(([, column]) => isDropped(column))
    .map(([field]) => [field, null]);
  const follows = trigger.type === "flow" || trigger.type === "catch";
  const isStray = !follows && raw.source_job === undefined && raw.source_job_id === undefined;
  const fitted: TriggerNode = {
    ...trigger,
    ...Object.fromEntries(dropped),
    ...(isStray ? { sourceJobId: null } : {}),
  };
  return fitted.webhookReply === "after_completion" ? fitted : { ...fitted, webhookResponseConfig: null };
}

function mergeEdge(item: Item, old: Edge | null, complain: Complain): Edge {
  const { raw } = item;
  const fields = new Fields(raw, complain);
  const source = sourceOf(fields, old, complain);
  const targetJobId = fields.id("target_job_id", old?.targetJobId ?? null);
  if (targetJobId === null) complain("target_job_id", blank);
  const { conditionType, isNever } = conditionOf(fields, raw, old, source, complain);
  // Whoever says the condition says all of it: what is left out is not there.
  const isWhole = typeof raw.condition_type === "string" && fields.has("target_job_id");
  const was = isWhole ? null : old;
  const expression = fields.optionalText("condition_expression", was?.conditionExpression ?? null);
  return {
    id: item.id,
    ...source,
    targetJobId: targetJobId ?? "",
    conditionType,
    conditionExpression: conditionType === "js_expression" ? expression : null,
    conditionLabel: fields.optionalText("condition_label", was?.conditionLabel ?? null),
    enabled: !isNever && (source.sourceTriggerId !== null || fields.flag("enabled", old?.enabled ?? true)),
  };
}

type Source = Pick<Edge, "sourceTriggerId" | "sourceJobId">;

function sourceOf(fields: Fields, old: Edge | null, complain: Complain): Source {
  const trigger = fields.id("source_trigger_id", old?.sourceTriggerId ?? null);
  const job = fields.id("source_job_id", old?.sourceJobId ?? null);
  // The other one is not said, so it is what the edge had before.
  const sourceTriggerId =
    fields.has("source_job_id") && job && !fields.has("source_trigger_id") ? null : trigger;
  const sourceJobId = fields.has("source_trigger_id") && trigger && !fields.has("source_job_id") ? null : job;
  if (sourceTriggerId === null && sourceJobId === null)
    complain("source_job_id", "source_job_id or source_trigger_id must be present");
  if (sourceTriggerId !== null && sourceJobId !== null)
    complain("source_job_id", "source_job_id and source_trigger_id are mutually exclusive");
  return { sourceTriggerId, sourceJobId };
}

/** Null or absent: as it is, or what such an edge usually has. `condition` is what it was called until 2024. */
function conditionOf(fields: Fields, raw: Raw, old: Edge | null, source: Source, complain: Complain) {
  const column = isFilled(raw.condition_type) ? "condition_type" : "condition";
  const said = raw[column];
  const usual = source.sourceTriggerId === null ? ("on_job_success" as const) : ("always" as const);
  // OpenFn's newer tools say so of an edge that is never followed.
  if (said === "never") return { conditionType: old?.conditionType ?? usual, isNever: true };
  if (!isFilled(said)) return { conditionType: old?.conditionType ?? usual, isNever: false };
  if (said === "") complain("condition_type", blank);
  const conditionType =
    said === "" ? usual : (fields.word(column, old?.conditionType ?? usual, edgeConditions) ?? usual);
  return { conditionType, isNever: false };
}

const isFilled = (value: unknown): boolean => value !== undefined && value !== null;
