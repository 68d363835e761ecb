import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { type ExactJson, ExactNumber, stringifyExact } from "@/lib/exact-json";
import type { DeliveryRule, RetryPolicy } from "@/lib/workflow/types";
import type { EdgeSpec, JobSpec, KeychainSpec, ProjectSpec, TriggerSpec, WorkflowSpec } from "./spec";

/**
 * Writes a spec as the project.yaml that OpenFn's `pull` reads: its order of keys, code as blocks, adaptors and cron
 * expressions quoted. `parseSpec` of the result gives the same spec. Jobs that `bodyPaths` names have their code in a file.
 */
export function stringifySpec(spec: ProjectSpec, bodyPaths: BodyPaths = new Map()): string {
  const document = new Document();
  document.contents = specNode(spec, bodyPaths);
  // Without line folding: a folded text is hard to compare.
  return document.toString({ lineWidth: 0 });
}

/** The same as nodes. */
export const specNode = (spec: ProjectSpec, bodyPaths: BodyPaths = new Map()): YAMLMap =>
  map([
    ["name", text(spec.name)],
    ["description", spec.description === null ? null : block(spec.description)],
    ["env", unlessNull(spec.env, text)],
    // Left out where there are none, as OpenFn's own files have it.
    ["collections", mapOf(spec.collections, ({ name }) => map([["name", text(name)]])) ?? undefined],
    [
      "credentials",
      mapOf(spec.credentials, ({ owner, name }) =>
        map([
          ["owner", text(owner)],
          ["name", text(name)],
        ]),
      ),
    ],
    ["keychain_credentials", mapOf(spec.keychains, keychainNode) ?? undefined],
    ["workflows", mapOf(spec.workflows, (workflow) => workflowNode(workflow, bodyPaths)) ?? new YAMLMap()],
  ]);

/** Where the code of jobs is, relative to project.yaml. */
export type BodyPaths = ReadonlyMap<JobSpec, string>;

type Node = Scalar | YAMLMap | YAMLSeq | null;
type Entry = [key: string, value: Node | undefined];

/** Entries whose value is undefined are left out. */
function map(entries: Entry[]): YAMLMap {
  const node = new YAMLMap();
  for (const [key, value] of entries)
    if (value !== undefined) node.items.push(new Pair(text(key), value ?? new Scalar(null)));
  return node;
}

const mapOf = <T>(items: Record<string, T>, toNode: (item: T) => YAMLMap): YAMLMap | null =>
  Object.keys(items).length === 0
    ? null
    : map(Object.entries(items).map(([key, item]) => [key, toNode(item)]));

const keychainNode = ({ name, path, defaultCredential }: KeychainSpec): YAMLMap =>
  map([
    ["name", text(name)],
    ["path", quoted(path)],
    ["default_credential", unlessNull(defaultCredential, text)],
  ]);

const workflowNode = (
  { name, concurrency, orderKey, jobLogs, jobs, triggers, edges }: WorkflowSpec,
  bodyPaths: BodyPaths,
): YAMLMap =>
  map([
    ["name", text(name)],
    ["concurrency", unlessNull(concurrency, plain)],
    ["order_key", unlessNull(orderKey, text)],
    ["enable_job_logs", unlessNull(jobLogs, plain)],
    // OpenFn's CLI wants maps here, not null.
    ["jobs", mapOf(jobs, (job) => jobNode(job, bodyPaths.get(job) ?? null)) ?? new YAMLMap()],
    ["triggers", mapOf(triggers, triggerNode) ?? new YAMLMap()],
    ["edges", mapOf(edges, edgeNode) ?? new YAMLMap()],
  ]);

const jobNode = (
  { name, adaptor, credential, keychain, body, retry, libraryEntry, libraryVersion }: JobSpec,
  path: string | null,
): YAMLMap =>
  map([
    ["name", text(name)],
    ["adaptor", quoted(adaptor)],
    ["credential", credential === null ? null : text(credential)],
    ["keychain_credential", unlessNull(keychain, text)],
    ["library_entry", unlessNull(libraryEntry, text)],
    ["library_version", unlessNull(libraryVersion, plain)],
    ["body", path === null ? block(body) : map([["path", text(path)]])],
    ["retry", unlessNull(retry, retryNode)],
  ]);

const retryNode = ({ attempts, delaySeconds, maxDelaySeconds, errorTypes }: RetryPolicy): YAMLMap =>
  map([
    ["attempts", plain(attempts)],
    ["delay_seconds", plain(delaySeconds)],
    ["max_delay_seconds", plain(maxDelaySeconds)],
    ["error_types", unlessNull(errorTypes, data)],
  ]);

const deliveryNode = ({ header, path, hours }: DeliveryRule): YAMLMap =>
  map([
    ["header", unlessNull(header ?? null, text)],
    ["path", unlessNull(path ?? null, text)],
    ["hours", unlessNull(hours ?? null, plain)],
  ]);

const triggerNode = (trigger: TriggerSpec): YAMLMap =>
  map([
    ["type", text(trigger.type)],
    ["inclusion", unlessNull(trigger.inclusion, filter)],
    ["exclusion", unlessNull(trigger.exclusion, filter)],
    ["webhook_reply", unlessNull(trigger.webhookReply, text)],
    ["webhook_response_config", unlessNull(trigger.webhookResponseConfig, data)],
    ["custom_path", unlessNull(trigger.customPath, text)],
    ["takes_get", unlessNull(trigger.takesGet, plain)],
    ["open_rosa", unlessNull(trigger.openRosa, plain)],
    ["delivery_id", unlessNull(trigger.deliveryId, deliveryNode)],
    ["rate_per_minute", unlessNull(trigger.ratePerMinute, plain)],
    ["cron_expression", unlessNull(trigger.cronExpression, quoted)],
    ["cron_cursor_job", unlessNull(trigger.cronCursorJob, text)],
    ["time_zone", unlessNull(trigger.timeZone, text)],
    ["when_running", unlessNull(trigger.whenRunning, text)],
    ["source_job", unlessNull(trigger.sourceJob, ({ workflow, job }) => text(`${workflow}/${job}`))],
    ["enabled", unlessNull(trigger.enabled, plain)],
  ]);

const edgeNode = (edge: EdgeSpec): YAMLMap =>
  map([
    ["source_trigger", unlessNull(edge.sourceTrigger, text)],
    ["source_job", unlessNull(edge.sourceJob, text)],
    ["target_job", text(edge.targetJob)],
    ["condition_type", text(edge.conditionType)],
    ["condition_label", unlessNull(edge.conditionLabel, text)],
    ["condition_expression", unlessNull(edge.conditionExpression, block)],
    ["enabled", plain(edge.enabled)],
  ]);

const unlessNull = <T>(value: T | null, toNode: (value: T) => Node): Node | undefined =>
  value === null ? undefined : toNode(value);

const plain = (value: number | boolean) => new Scalar(value);

const bare = /^[a-zA-Z0-9]([a-zA-Z0-9_\-@.> ]*[a-zA-Z0-9])?$/;
const typed = /^(true|false|yes|no|on|off|y|n|null|[\d._-]+|\d+e\d+|0x[\da-f]+|0o[0-7]+)$/i;

/** Bare where every YAML reader takes it for a text, else quoted. */
export const text = (value: string): Scalar =>
  bare.test(value) && !typed.test(value) ? styled(value, Scalar.PLAIN) : quoted(value);

const quoted = (value: string): Scalar =>
  styled(
    value,
    /[\n\r\u0080-\u009f\u2028\u2029\ufeff]/.test(value) ? Scalar.QUOTE_DOUBLE : Scalar.QUOTE_SINGLE,
  );

/** A block keeps every character but those that YAML counts as line breaks or does not print, and spaces alone. */
const block = (value: string): Scalar =>
  value.trim() === "" || /[^\t\n\u0020-\u007e\u00a0-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(value)
    ? styled(value, Scalar.QUOTE_DOUBLE)
    : styled(value, Scalar.BLOCK_LITERAL);

/**
 * A filter that is itself a text is written as JSON, for `parseSpec` reads texts as JSON; so is one with numbers that
 * readers of YAML would change.
 */
const filter = (value: ExactJson): Node =>
  typeof value === "string" || hasExact(value) ? quoted(stringifyExact(value)) : data(value);

const hasExact = (value: ExactJson): boolean =>
  value instanceof ExactNumber ||
  (typeof value === "object" && value !== null && Object.values(value).some(hasExact));

function data(value: ExactJson): Node {
  if (typeof value === "string") return text(value);
  if (value === null || typeof value !== "object" || value instanceof ExactNumber) return new Scalar(value);
  if (!Array.isArray(value)) return map(Object.entries(value).map(([key, one]): Entry => [key, data(one)]));
  const list = new YAMLSeq();
  list.items = value.map(data);
  return list;
}

function styled(value: string, type: Scalar.Type): Scalar {
  const scalar = new Scalar(value);
  scalar.type = type;
  return scalar;
}
