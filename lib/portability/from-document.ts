import { invalid } from "@/lib/refusal";
import { edgeConditions, triggerTypes, webhookReplies, whenRunningWords } from "@/lib/words";
import type {
  Deletion,
  EdgeDocument,
  JobDocument,
  ProjectDocument,
  RetryDocument,
  StateDocument,
  TriggerDocument,
  WorkflowState,
} from "./document";
import type { EdgeSpec, JobPlace, JobSpec, ProjectSpec, TriggerSpec, WorkflowSpec } from "./spec";
import { stateOf } from "./state";

/**
 * The spec of a project as the server has it, with keys of its names. Throws `conflict` for two names with one key, and
 * `invalid` for a kind of trigger or edge that is not known here.
 */
export const fromDocument = (document: ProjectDocument): ProjectSpec => specOfState(stateOf(document));

/** The spec of what a state says, with the state's keys and without what is to go. */
export function specOfState(state: StateDocument): ProjectSpec {
  const { project_credentials, keychain_credentials = {}, collections = {}, workflows } = state;
  const names = {
    credentials: keysById(project_credentials),
    keychains: keysById(keychain_credentials),
    places: placesById(workflows),
  };
  return {
    name: state.name,
    description: state.description ?? null,
    env: state.env ?? null,
    credentials: mapped(project_credentials, ({ name, owner }) => ({ name, owner })),
    keychains: mapped(keychain_credentials, ({ name, path, default_credential_id: id }) => ({
      name,
      path,
      defaultCredential: names.credentials.get(id ?? "") ?? null,
    })),
    collections: mapped(kept(collections), ({ name }) => ({ name })),
    workflows: mapped(workflows, (workflow) => workflowSpec(workflow, names)),
  };
}

type Names = {
  credentials: ReadonlyMap<string, string>;
  keychains: ReadonlyMap<string, string>;
  places: ReadonlyMap<string, JobPlace>;
};

const keysById = (items: Record<string, { id: string }>) =>
  new Map(Object.entries(items).map(([key, { id }]) => [id, key]));

const placesById = (workflows: StateDocument["workflows"]): Map<string, JobPlace> =>
  new Map(
    Object.entries(workflows).flatMap(([workflow, { jobs }]) =>
      Object.entries(jobs).map(([job, { id }]): [string, JobPlace] => [id, { workflow, job }]),
    ),
  );

function workflowSpec(workflow: WorkflowState, names: Names): WorkflowSpec {
  const [jobs, triggers] = [keysById(workflow.jobs), keysById(workflow.triggers)];
  return {
    name: workflow.name,
    concurrency: workflow.concurrency ?? null,
    orderKey: workflow.order_key ?? null,
    jobLogs: workflow.enable_job_logs ?? null,
    jobs: mapped(kept(workflow.jobs), (job) => jobSpec(job, names)),
    triggers: mapped(kept(workflow.triggers), (trigger) => triggerSpec(trigger, jobs, names.places)),
    edges: mapped(kept(workflow.edges), (edge) => edgeSpec(edge, triggers, jobs)),
  };
}

const jobSpec = (job: JobDocument, { credentials, keychains }: Names): JobSpec => ({
  name: job.name,
  adaptor: job.adaptor,
  credential: credentials.get(job.project_credential_id ?? "") ?? null,
  keychain: keychains.get(job.keychain_credential_id ?? "") ?? null,
  body: job.body,
  retry: job.retry ? retrySpec(job.retry) : null,
  libraryEntry: job.library_entry ?? null,
  libraryVersion: job.library_version ?? null,
});

const retrySpec = (retry: RetryDocument): NonNullable<JobSpec["retry"]> => ({
  attempts: retry.attempts,
  delaySeconds: retry.delay_seconds,
  maxDelaySeconds: retry.max_delay_seconds,
  errorTypes: retry.error_types ?? null,
});

const triggerSpec = (
  trigger: TriggerDocument,
  jobs: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, JobPlace>,
): TriggerSpec => ({
  type: known("trigger", trigger.type, triggerTypes),
  enabled: trigger.enabled ?? null,
  webhookReply: trigger.webhook_reply ? known("webhook_reply", trigger.webhook_reply, webhookReplies) : null,
  webhookResponseConfig: trigger.webhook_response_config ?? null,
  customPath: trigger.custom_path ?? null,
  takesGet: trigger.takes_get ?? null,
  openRosa: trigger.open_rosa ?? null,
  deliveryId: trigger.delivery_id ?? null,
  ratePerMinute: trigger.rate_per_minute ?? null,
  cronExpression: trigger.cron_expression ?? null,
  cronCursorJob: jobs.get(trigger.cron_cursor_job_id ?? "") ?? null,
  timeZone: trigger.time_zone ?? null,
  whenRunning: trigger.when_running ? known("when_running", trigger.when_running, whenRunningWords) : null,
  sourceJob: places.get(trigger.source_job_id ?? "") ?? null,
  inclusion: trigger.inclusion ?? null,
  exclusion: trigger.exclusion ?? null,
});

function edgeSpec(
  edge: EdgeDocument,
  triggers: ReadonlyMap<string, string>,
  jobs: ReadonlyMap<string, string>,
): EdgeSpec {
  const sourceTrigger = triggers.get(edge.source_trigger_id ?? "") ?? null;
  // What the version 2 of OpenFn's CLI calls an edge that is never followed.
  const isNever = edge.condition_type === "never";
  const usual = sourceTrigger === null ? "on_job_success" : "always";
  return {
    sourceTrigger,
    sourceJob: jobs.get(edge.source_job_id ?? "") ?? null,
    targetJob: jobs.get(edge.target_job_id) ?? "",
    conditionType:
      isNever || !edge.condition_type ? usual : known("condition_type", edge.condition_type, edgeConditions),
    conditionLabel: edge.condition_label ?? null,
    conditionExpression: edge.condition_expression ?? null,
    enabled: edge.enabled && !isNever,
  };
}

function known<T extends string>(what: string, value: string, words: readonly T[]): T {
  const word = words.find((one) => one === value);
  if (word === undefined)
    throw invalid(`The project has a ${what} "${value}", which is not known here: ${words.join(", ")}.`);
  return word;
}

const kept = <T extends object>(items: Record<string, T | Deletion>): Record<string, T> =>
  Object.fromEntries(Object.entries(items).filter((entry): entry is [string, T] => !("delete" in entry[1])));

const mapped = <T, U>(items: Record<string, T>, toValue: (item: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(items).map(([key, item]) => [key, toValue(item)]));
