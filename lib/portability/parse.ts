import { edgeConditions, triggerTypes, webhookReplies } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";
import { isRecord, MapReader } from "./reader";
import type { EdgeSpec, JobSpec, ProjectSpec, TriggerSpec, WorkflowSpec } from "./spec";
import { validateSpec } from "./validate";
import type { SpecProblem, YamlSource } from "./yaml";

/** Texts of the files that job bodies refer to, by their path relative to project.yaml. */
export type SpecFiles = Record<string, string>;

/** `lineOf` finds the line of a key by the keys that lead to it, e.g. `["workflows", "w", "jobs", "a"]`. */
export type ParsedSpec =
  | { spec: ProjectSpec; problems: []; lineOf: YamlSource["lineOf"] }
  | { spec: null; problems: SpecProblem[] };

/**
 * Reads a project.yaml of the v1 grammar with its old spellings (edge `condition`, job `enabled` and `path`), and the
 * files that its job bodies name. Returns the spec, or everything that is wrong with it, in the order of the file.
 */
export function parseSpec(yaml: string, files: SpecFiles = {}): ParsedSpec {
  const { problems, doc, source } = validateSpec(yaml);
  if (problems.length > 0 || !doc) return { spec: null, problems };
  const found: SpecProblem[] = [];
  const spec = readProject(new MapReader(source, found, [], doc), normalised(files));
  if (found.length === 0) return { spec, problems: [], lineOf: source.lineOf };
  return { spec: null, problems: found.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

function readProject(project: MapReader, files: SpecFiles): ProjectSpec {
  const credentials = project.entries("credentials").map(([key, credential]) => {
    const [name, owner] = [credential.text("name"), credential.text("owner")];
    if (name === null || owner === null)
      credential.problem(`The credential ${key} needs a name and an owner.`);
    return [key, { name: name ?? "", owner: owner ?? "" }] as const;
  });
  const names = new Set(credentials.map(([key]) => key));
  return {
    name: project.text("name") ?? "",
    description: project.text("description"),
    credentials: Object.fromEntries(credentials),
    workflows: Object.fromEntries(
      project.entries("workflows").map(([key, workflow]) => [key, readWorkflow(workflow, files, names)]),
    ),
  };
}

function readWorkflow(workflow: MapReader, files: SpecFiles, credentials: ReadonlySet<string>): WorkflowSpec {
  const jobs = workflow.entries("jobs");
  const triggers = workflow.entries("triggers");
  const jobKeys = new Set(jobs.map(([key]) => key));
  const triggerKeys = new Set(triggers.map(([key]) => key));
  return {
    name: workflow.text("name") ?? workflow.key,
    concurrency: workflow.whole("concurrency"),
    jobs: Object.fromEntries(jobs.map(([key, job]) => [key, readJob(job, files, credentials)])),
    triggers: Object.fromEntries(triggers.map(([key, trigger]) => [key, readTrigger(trigger, jobKeys)])),
    edges: Object.fromEntries(
      workflow.entries("edges").map(([key, edge]) => [key, readEdge(edge, triggerKeys, jobKeys)]),
    ),
  };
}

function readJob(job: MapReader, files: SpecFiles, credentials: ReadonlySet<string>): JobSpec {
  const adaptor = job.text("adaptor");
  if (adaptor === null)
    job.problem(`The job ${job.key} needs an adaptor, like @openfn/language-http@latest.`);
  const credential = job.text("credential");
  if (credential !== null && !credentials.has(credential))
    job.problem(`Could not find a credential with name: ${credential}`, "credential");
  return {
    name: job.text("name") ?? job.key,
    adaptor: adaptor ?? "",
    credential,
    body: readBody(job, files),
  };
}

function readBody(job: MapReader, files: SpecFiles): string {
  const body = job.raw("body");
  const path = isRecord(body) ? body.path : body === null ? job.raw("path") : null;
  if (typeof path === "string") {
    const text = files[normalise(path)];
    if (text === undefined)
      job.problem(
        `Failed to read file ${path}: it was not sent along. Add it beside project.yaml.`,
        "body",
        "job/body/path",
      );
    return job.storable("body", text ?? "");
  }
  if (isRecord(body)) {
    job.problem(
      `The body of ${job.key} was read as a map. Put "|" after "body:" and the code indented below it.`,
      "body",
    );
    return "";
  }
  const text = job.text("body");
  if (text === null) job.problem(`The job ${job.key} needs a body: its code, or a path to a file with it.`);
  return text ?? "";
}

function readTrigger(trigger: MapReader, jobs: ReadonlySet<string>): TriggerSpec {
  if (!trigger.has("type"))
    trigger.problem(`The trigger ${trigger.key} needs a type: ${triggerTypes.join(", ")}.`);
  const cronCursorJob = trigger.text("cron_cursor_job");
  if (cronCursorJob !== null && !jobs.has(cronCursorJob))
    trigger.problem(`Could not find a job with key: ${cronCursorJob}`, "cron_cursor_job");
  return {
    type: trigger.oneOf("type", triggerTypes) ?? "webhook",
    enabled: trigger.flag("enabled"),
    webhookReply: trigger.oneOf("webhook_reply", webhookReplies),
    webhookResponseConfig: readResponseConfig(trigger),
    cronExpression: trigger.text("cron_expression"),
    cronCursorJob,
    inclusion: readFilter(trigger, "inclusion"),
    exclusion: readFilter(trigger, "exclusion"),
  };
}

function readResponseConfig(trigger: MapReader): TriggerSpec["webhookResponseConfig"] {
  const config = trigger.raw("webhook_response_config");
  if (config === null) return null;
  if (!isRecord(config)) {
    trigger.problem(`webhook_response_config of ${trigger.key} must be a map.`, "webhook_response_config");
    return null;
  }
  const { success_code, error_code } = config;
  return {
    ...(typeof success_code === "number" ? { success_code } : {}),
    ...(typeof error_code === "number" ? { error_code } : {}),
  };
}

/** A filter is written as YAML, or as a JSON text as platform v1's criteria were. */
function readFilter(trigger: MapReader, field: "inclusion" | "exclusion"): Json | null {
  const value = trigger.raw(field);
  if (typeof value !== "string") return asJson(value);
  try {
    return asJson(JSON.parse(value));
  } catch {
    trigger.problem(
      `${field} of ${trigger.key} is not JSON. Write the part that a message must contain, as a map.`,
      field,
    );
    return null;
  }
}

/** Data that came out of a YAML or JSON parser; whatever JSON cannot say (dates, NaN) becomes what JSON makes of it. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

function readEdge(edge: MapReader, triggers: ReadonlySet<string>, jobs: ReadonlySet<string>): EdgeSpec {
  const sourceTrigger = edge.text("source_trigger");
  const sourceJob = edge.text("source_job");
  const targetJob = edge.text("target_job");
  if ((sourceTrigger === null) === (sourceJob === null))
    edge.problem(`The edge ${edge.key} needs either a source_trigger or a source_job.`);
  if (sourceTrigger !== null && !triggers.has(sourceTrigger))
    edge.problem(`Could not find a trigger with key: ${sourceTrigger}`, "source_trigger");
  if (sourceJob !== null && !jobs.has(sourceJob))
    edge.problem(`Could not find a job with key: ${sourceJob}`, "source_job");
  if (targetJob === null) edge.problem(`The edge ${edge.key} needs a target_job.`);
  else if (!jobs.has(targetJob)) edge.problem(`Could not find a job with key: ${targetJob}`, "target_job");
  const field = edge.has("condition_type") ? "condition_type" : "condition";
  return {
    sourceTrigger,
    sourceJob,
    targetJob: targetJob ?? "",
    conditionType:
      edge.oneOf(field, edgeConditions) ?? (sourceTrigger === null ? "on_job_success" : "always"),
    conditionLabel: edge.text("condition_label"),
    conditionExpression: edge.text("condition_expression"),
    enabled: edge.flag("enabled") ?? true,
  };
}

const normalise = (path: string) => path.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");

const normalised = (files: SpecFiles): SpecFiles =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [normalise(path), text]));
