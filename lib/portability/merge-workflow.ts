import { invalid } from "@/lib/refusal";
import type { Deletion, EdgeDocument, JobDocument, TriggerDocument, WorkflowState } from "./document";
import { defined, extended, idOf, type Known, type Merging, merged, own } from "./merge-items";
import type { PlainEdge, PlainJob, PlainTrigger, PlainWorkflow } from "./plain-spec";

type Items<T> = Record<string, T | Deletion>;

/** The jobs of a workflow. They come first: triggers and edges name their ids, and so do triggers of other workflows. */
export const mergeJobs = (
  merging: Omit<Merging, "jobs">,
  was: Items<JobDocument> | undefined,
  jobs: PlainWorkflow["jobs"],
): Items<JobDocument> => merged(was, jobs, (job, before) => mergeJob(merging, job, before));

function mergeJob(
  merging: Omit<Merging, "jobs">,
  job: PlainJob,
  was: { id: string } | undefined,
): JobDocument {
  const { newId, credentials, keychains, extensions } = merging;
  const { credential, body, keychain_credential: keychain } = job;
  return defined<JobDocument>({
    id: was?.id ?? newId(),
    name: job.name,
    adaptor: job.adaptor,
    body: typeof body === "string" ? body : body?.content,
    project_credential_id: credential ? idOf(credentials, credential, "credential") : credential,
    ...(extensions && {
      ...extended("keychain_credential_id", keychain && idOf(keychains, keychain, "keychain"), was),
      ...extended("retry", job.retry, was),
      ...extended("library_entry", job.library_entry, was),
      ...extended("library_version", job.library_version, was),
    }),
  });
}

/** A workflow of the spec with the ids, and the other columns, of the state's. */
export function mergeWorkflow(
  merging: Merging,
  key: string,
  was: WorkflowState | undefined,
  spec: PlainWorkflow,
): WorkflowState {
  const jobs = merging.jobs.get(key) ?? {};
  const triggers = merged(was?.triggers, spec.triggers, (trigger, before) =>
    mergeTrigger(merging, jobs, trigger, before),
  );
  const edges = merged(was?.edges, spec.edges, (edge, before) =>
    mergeEdge({ jobs, triggers }, edge, before, merging.newId),
  );
  return {
    ...was,
    id: was?.id ?? merging.newId(),
    name: spec.name,
    ...(merging.extensions && {
      ...extended("concurrency", spec.concurrency, was),
      ...extended("order_key", spec.order_key, was),
      ...extended("enable_job_logs", spec.enable_job_logs, was),
    }),
    jobs,
    triggers,
    edges,
  };
}

function mergeTrigger(
  merging: Merging,
  jobs: Items<JobDocument>,
  trigger: PlainTrigger,
  was: TriggerDocument | Deletion | undefined,
): TriggerDocument {
  const { type } = trigger;
  const { webhook_reply, webhook_response_config, cron_expression, cron_cursor_job } = trigger;
  const before: Partial<TriggerDocument> = was && "type" in was ? was : {};
  return defined<TriggerDocument>({
    id: was?.id ?? merging.newId(),
    // What a new one does not say is left to the server.
    type: type ?? (was && (before.type ?? "webhook")),
    enabled: trigger.enabled ?? (was && (before.enabled ?? true)),
    ...(type === "webhook" && webhook_reply && { webhook_reply }),
    ...(type === "webhook" && webhook_response_config && { webhook_response_config }),
    ...(type === "cron" && { cron_expression }),
    ...(type === "cron" && cron_cursor_job && { cron_cursor_job_id: idOf(jobs, cron_cursor_job, "job") }),
    ...(type === "kafka" && { kafka_configuration: kafka(trigger.kafka_configuration) }),
    ...(merging.extensions && triggerExtensions(merging, trigger, was)),
  });
}

function triggerExtensions(merging: Merging, trigger: PlainTrigger, was: object | undefined) {
  const { source_job: source } = trigger;
  const sourceId = source && idOf(merging.jobs.get(source.workflow) ?? {}, source.job, "job");
  return {
    ...extended("custom_path", trigger.custom_path, was),
    ...extended("time_zone", trigger.time_zone, was),
    ...extended("when_running", trigger.when_running, was),
    ...extended("source_job_id", sourceId, was),
    ...extended("takes_get", trigger.takes_get, was),
    ...extended("open_rosa", trigger.open_rosa, was),
    ...extended("delivery_id", trigger.delivery_id, was),
    ...extended("rate_per_minute", trigger.rate_per_minute, was),
    ...extended("inclusion", trigger.inclusion, was),
    ...extended("exclusion", trigger.exclusion, was),
  };
}

/** OpenFn's, which nothing here obeys: refused and passed on as by its CLI. */
function kafka(configuration: PlainTrigger["kafka_configuration"]) {
  const hosts = (configuration?.hosts ?? []).map((host) => {
    if (!/^[^:]+:\d+$/.test(host))
      throw invalid(`Kafka host must be specified in the format host:port, found: ${host}`);
    return host.split(":");
  });
  return { ...configuration, hosts };
}

function mergeEdge(
  { jobs, triggers }: { jobs: Known; triggers: Known },
  edge: PlainEdge,
  was: EdgeDocument | Deletion | undefined,
  newId: () => string,
): EdgeDocument {
  const idAt = (items: Known, key: string | null | undefined) =>
    key === null || key === undefined ? undefined : own(items, key)?.id;
  const enabled = was && "enabled" in was ? was.enabled : true;
  return defined<EdgeDocument>({
    id: was?.id ?? newId(),
    condition_type: edge.condition_type ?? null,
    // As OpenFn's CLI sends it; the server says that there is no such job.
    target_job_id: idAt(jobs, edge.target_job) ?? "",
    enabled: edge.enabled ?? enabled,
    condition_expression: edge.condition_expression,
    condition_label: edge.condition_label,
    source_job_id: idAt(jobs, edge.source_job),
    source_trigger_id: idAt(triggers, edge.source_trigger),
  });
}
