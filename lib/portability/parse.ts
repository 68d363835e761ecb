import { pathProblem } from "@/lib/json-path";
import { limits } from "@/lib/limits";
import { edgeConditions, triggerTypes, whenRunningWords } from "@/lib/words";
import { envName, mainEnv } from "@/lib/workflow/env-name";
import { follows } from "@/lib/workflow/follows";
import { readFilter } from "./filter";
import { grammar } from "./grammar";
import { isRecord, MapReader } from "./reader";
import { type Note, reportLines } from "./report";
import { readRetry } from "./retry-policy";
import { type BodyFiles, SentFiles, type SpecFiles } from "./sent-files";
import type {
  EdgeSpec,
  JobPlace,
  JobSpec,
  KeychainSpec,
  ProjectSpec,
  TriggerSpec,
  WorkflowSpec,
} from "./spec";
import { validateSpec } from "./validate";
import { noWebhookFields, readWebhook, type WebhookFields } from "./webhook-fields";
import type { SpecProblem, YamlSource } from "./yaml";

export type { SpecFiles } from "./sent-files";

/**
 * `lineOf` finds the line of a key by the keys that lead to it, e.g. `["workflows", "w", "jobs", "a"]`. `report` says what
 * was read otherwise than the file says, a sentence each.
 */
export type ParsedSpec =
  | { spec: ProjectSpec; problems: []; report: string[]; lineOf: YamlSource["lineOf"] }
  | { spec: null; problems: SpecProblem[] };

/**
 * Reads a project.yaml of the v1 grammar with its old spellings (edge `condition`, job `enabled` and `path`), and the
 * files that its job bodies name. Returns the spec, or everything that is wrong with it, in the order of the file. A key
 * that seems misspelt is wrong; another one that has no effect here is in the report.
 */
export function parseSpec(yaml: string, files: SpecFiles = {}): ParsedSpec {
  const { problems, doc, source } = validateSpec(yaml);
  if (problems.length > 0 || !doc) return { spec: null, problems };
  const found = { problems: [] as SpecProblem[], notes: [] as Note[] };
  const sent = new SentFiles(files);
  const spec = readProject(new MapReader(source, found, [], doc), sent);
  if (found.problems.length > 0) return { spec: null, problems: found.problems.sort(byPlace) };
  const report = [...reportLines(found.notes), ...sent.unused()];
  return { spec, problems: [], report, lineOf: source.lineOf };
}

/** Problems in the order in which they are read. */
export const byPlace = (a: SpecProblem, b: SpecProblem): number =>
  (a.file ?? "") < (b.file ?? "") ? -1 : a.file !== b.file ? 1 : (a.line ?? 0) - (b.line ?? 0);

/**
 * Reads a document of the v1 grammar, whatever it was written as. What is wrong and what is told goes to the reader.
 * `isLenient`: what cannot be had here is replaced and told, where somebody reads what was told.
 */
export function readProject(project: MapReader, files: BodyFiles, isLenient = false): ProjectSpec {
  project.keys(grammar.project);
  const credentials = project.entries("credentials").map(([key, credential]) => {
    credential.keys(grammar.credential);
    const [name, owner] = [credential.text("name"), credential.text("owner")];
    if (name === null || owner === null)
      credential.problem(`The credential ${key} needs a name and an owner.`);
    return [key, { name: name ?? "", owner: owner ?? "" }] as const;
  });
  const names = new Set(credentials.map(([key]) => key));
  const keychains = project.entries("keychain_credentials").map(([key, keychain]) => {
    return [key, readKeychain(keychain, names)] as const;
  });
  const chains = new Set(keychains.map(([key]) => key));
  const chainNames = new Set(keychains.map(([, { name }]) => name));
  if (chainNames.size < keychains.length)
    project.problem("Two keychains of the project have one name. Give each its own.", "keychain_credentials");
  const collections = project.entries("collections").map(([key, collection]) => {
    collection.keys(grammar.collection);
    return [key, { name: collection.text("name") ?? key }] as const;
  });
  const workflows = project
    .entries("workflows")
    .map(([key, map]) => ({ key, map, jobs: map.entries("jobs") }));
  const places = placesOf(workflows);
  const library = new LibraryVersions();
  return {
    name: project.text("name") ?? "",
    description: project.text("description"),
    env: readEnv(project),
    credentials: Object.fromEntries(credentials),
    keychains: Object.fromEntries(keychains),
    collections: Object.fromEntries(collections),
    workflows: Object.fromEntries(
      workflows.map(({ key, map, jobs }) => [
        key,
        readWorkflow(map, jobs, { files, credentials: names, keychains: chains, places, library, isLenient }),
      ]),
    ),
  };
}

/** The project's jobs by how triggers of other workflows name them; keys may hold slashes, so a name may be several's. */
type Places = ReadonlyMap<string, JobPlace[]>;

function placesOf(workflows: { key: string; jobs: [string, MapReader][] }[]): Places {
  const places = new Map<string, JobPlace[]>();
  for (const { key: workflow, jobs } of workflows)
    for (const [job] of jobs) {
      const name = `${workflow}/${job}`;
      places.set(name, [...(places.get(name) ?? []), { workflow, job }]);
    }
  return places;
}

/** The environment, in OpenFn's form of its name; `main` is none. */
function readEnv(project: MapReader): string | null {
  const env = project.text("env");
  const { success } = envName.safeParse(env);
  if (env !== null && !success)
    project.problem("env must have 1 to 32 small letters, digits, hyphens and underscores.", "env");
  return env === mainEnv ? null : env;
}

function readKeychain(keychain: MapReader, credentials: ReadonlySet<string>): KeychainSpec {
  keychain.keys(grammar.keychain);
  const path = keychain.text("path");
  const problem = path === null ? null : pathProblem(path);
  if (path === null) keychain.problem(`The keychain ${keychain.key} needs a path, such as $.data.facility.`);
  else if (problem) keychain.problem(problem, "path");
  const name = (keychain.text("name") ?? keychain.key).trim();
  if (name === "" || name.length > limits.keychainName)
    keychain.problem(
      `The name of the keychain ${keychain.key} must have 1 to ${limits.keychainName} characters.`,
      "name",
    );
  const defaultCredential = keychain.text("default_credential");
  if (defaultCredential !== null && !credentials.has(defaultCredential))
    keychain.problem(`Could not find a credential with name: ${defaultCredential}`, "default_credential");
  return { name, path: path ?? "", defaultCredential };
}

type Surroundings = {
  files: BodyFiles;
  credentials: ReadonlySet<string>;
  keychains: ReadonlySet<string>;
  places: Places;
  library: LibraryVersions;
  isLenient: boolean;
};

function readWorkflow(
  workflow: MapReader,
  jobs: [string, MapReader][],
  { places, ...surroundings }: Surroundings,
): WorkflowSpec {
  workflow.keys(grammar.workflow);
  const triggers = workflow.entries("triggers");
  const jobKeys = new Set(jobs.map(([key]) => key));
  const triggerKeys = new Set(triggers.map(([key]) => key));
  const off = switchedOff(jobs);
  return {
    name: workflow.text("name") ?? workflow.key,
    concurrency: workflow.whole("concurrency"),
    orderKey: workflow.text("order_key"),
    jobLogs: workflow.flag("enable_job_logs"),
    jobs: Object.fromEntries(jobs.map(([key, job]) => [key, readJob(job, surroundings)])),
    triggers: Object.fromEntries(
      triggers.map(([key, trigger]) => {
        const isKafka = surroundings.isLenient && trigger.raw("type") === "kafka";
        return [key, isKafka ? withoutKafka(trigger) : readTrigger(trigger, jobKeys, places)];
      }),
    ),
    edges: Object.fromEntries(
      workflow.entries("edges").map(([key, edge]) => {
        const spec = readEdge(edge, triggerKeys, jobKeys);
        return [key, off.has(spec.targetJob) ? { ...spec, enabled: false } : spec];
      }),
    ),
  };
}

/** Keys of the jobs that are switched off, as files of 2023 do it. */
function switchedOff(jobs: [string, MapReader][]): Set<string> {
  const off = new Set<string>();
  for (const [key, job] of jobs) {
    if (job.flag("enabled") !== false) continue;
    off.add(key);
    job.note(grammar.job, "enabled", "Jobs are not switched off themselves: the edges that lead to it are.");
  }
  return off;
}

function readJob(
  job: MapReader,
  { files, credentials, keychains, library, isLenient }: Omit<Surroundings, "places">,
): JobSpec {
  job.keys(grammar.job);
  const adaptor = job.text("adaptor");
  if (adaptor === null)
    job.problem(`The job ${job.key} needs an adaptor, like @openfn/language-http@latest.`);
  const credential = job.text("credential");
  const isUnknown = credential !== null && !credentials.has(credential);
  if (isUnknown && isLenient)
    job.note(
      grammar.job,
      "credential",
      `The file does not say what "${credential}" is. Choose a credential for the job.`,
    );
  else if (isUnknown) job.problem(`Could not find a credential with name: ${credential}`, "credential");
  const keychain = job.text("keychain_credential");
  if (keychain !== null && !keychains.has(keychain))
    job.problem(`Could not find a keychain with name: ${keychain}`, "keychain_credential");
  if (credential !== null && keychain !== null)
    job.problem(
      `${job.key} has a credential and a keychain_credential. Keep one of them.`,
      "keychain_credential",
    );
  const spec = {
    name: job.text("name") ?? job.key,
    adaptor: adaptor ?? "",
    credential: isUnknown ? null : credential,
    keychain,
    body: readBody(job, files),
    retry: readRetry(job),
    ...readLibrary(job),
  };
  library.read(job, spec);
  return spec;
}

/** PostgreSQL's `integer`. */
const maxInteger = 2_147_483_647;

function readLibrary(job: MapReader): Pick<JobSpec, "libraryEntry" | "libraryVersion"> {
  const libraryEntry = job.text("library_entry")?.trim() ?? null;
  const libraryVersion = job.whole("library_version");
  if ((libraryEntry === null) !== (libraryVersion === null))
    job.problem(`${job.key} needs a library_entry and a library_version, or neither.`);
  else if (libraryEntry === "" || (libraryEntry ?? "").length > limits.itemName)
    job.problem(`library_entry of ${job.key} must have 1 to ${limits.itemName} characters.`, "library_entry");
  else if (libraryVersion !== null && (libraryVersion < 1 || libraryVersion > maxInteger))
    job.problem(`library_version of ${job.key} must be 1 or more.`, "library_version");
  return { libraryEntry, libraryVersion };
}

/** What a version of a library entry is, by the first job of the file that is of it. */
class LibraryVersions {
  readonly #first = new Map<string, JobSpec & { key: string }>();

  /** Refuses a job whose code or adaptor is not that of the other jobs of its version. */
  read(job: MapReader, spec: JobSpec): void {
    if (spec.libraryEntry === null || spec.libraryVersion === null) return;
    const version = JSON.stringify([spec.libraryEntry, spec.libraryVersion]);
    const first = this.#first.get(version);
    if (!first) this.#first.set(version, { ...spec, key: job.key });
    else if (first.body !== spec.body || first.adaptor !== spec.adaptor)
      job.problem(
        `${job.key} and ${first.key} are of version ${spec.libraryVersion} of "${spec.libraryEntry}", but their code or adaptor differs. Give one of them another version, or leave its library_entry out.`,
        "library_entry",
      );
  }
}

function readBody(job: MapReader, files: BodyFiles): string {
  const body = job.raw("body");
  const path = isRecord(body) ? body.path : body === null ? job.raw("path") : null;
  if (typeof path === "string") {
    if (isRecord(body)) job.within("body", body).keys(grammar.body);
    const file = files.read(path);
    if ("text" in file) return job.storable("body", file.text);
    job.problem(file.problem, "body", "job/body/path");
    return "";
  }
  if (isRecord(body)) {
    job.problem(
      `The body of ${job.key} was read as a map. Put "|" after "body:" and the code indented below it.`,
      "body",
    );
    return "";
  }
  if (job.has("path")) job.problem(`${job.key} has a body and a path. Keep one of them.`, "path");
  const text = job.text("body");
  if (text === null) job.problem(`The job ${job.key} needs a body: its code, or a path to a file with it.`);
  return text ?? "";
}

/** In its place there is a webhook that nobody can send to yet. */
function withoutKafka(trigger: MapReader): TriggerSpec {
  const said =
    "There are no Kafka triggers here: a webhook that is switched off stands in its place. Let Kafka send there, and switch it on.";
  trigger.note(grammar.trigger, "type", said);
  return {
    type: "webhook",
    enabled: false,
    ...nothingOfCron,
    ...noWebhookFields,
  };
}

function readTrigger(trigger: MapReader, jobs: ReadonlySet<string>, places: Places): TriggerSpec {
  trigger.keys(grammar.trigger);
  if (!trigger.has("type"))
    trigger.problem(`The trigger ${trigger.key} needs a type: ${triggerTypes.join(", ")}.`);
  const type = trigger.oneOf("type", triggerTypes) ?? "webhook";
  const cronCursorJob = trigger.text("cron_cursor_job");
  if (cronCursorJob !== null && !jobs.has(cronCursorJob))
    trigger.problem(`Could not find a job with key: ${cronCursorJob}`, "cron_cursor_job");
  const fields = {
    cronExpression: trigger.text("cron_expression"),
    cronCursorJob,
    timeZone: trigger.text("time_zone"),
    whenRunning: trigger.oneOf("when_running", whenRunningWords),
    sourceJob: readSource(trigger, places),
    inclusion: readFilter(trigger, "inclusion"),
    exclusion: readFilter(trigger, "exclusion"),
  };
  return {
    type,
    enabled: trigger.flag("enabled"),
    ...onlyOf(type, trigger, fields),
    ...readWebhook(type, trigger),
  };
}

/** The job of another workflow that a trigger follows. */
function readSource(trigger: MapReader, places: Places): JobPlace | null {
  const name = trigger.text("source_job");
  if (name === null) return null;
  const [place, other] = places.get(name) ?? [];
  if (!place)
    trigger.problem(
      `Could not find a job with key: ${name}. Write the workflow's key, "/" and the job's.`,
      "source_job",
    );
  else if (other)
    trigger.problem(`"${name}" is the key of two jobs. Give one of them another key.`, "source_job");
  return place ?? null;
}

const nothingOfCron = {
  cronExpression: null,
  cronCursorJob: null,
  timeZone: null,
  whenRunning: null,
  sourceJob: null,
  inclusion: null,
  exclusion: null,
};

type TriggerFields = Omit<TriggerSpec, "type" | "enabled" | keyof WebhookFields>;

/** Fields of other types have no effect: OpenFn's are noted and left out, a filter is refused. */
function onlyOf(type: TriggerSpec["type"], trigger: MapReader, fields: TriggerFields): TriggerFields {
  const ofCron = `Only a trigger of type cron has it, and this is a ${type}.`;
  if (follows({ type }) && !trigger.has("source_job"))
    trigger.problem(
      `The trigger ${trigger.key} needs a source_job: the job that it follows, as workflow/job.`,
    );
  if (!follows({ type }) && trigger.has("source_job"))
    trigger.problem(
      `Only a trigger of type flow or catch follows a job, and ${trigger.key} is a ${type}.`,
      "source_job",
    );
  if (type !== "cron")
    for (const field of ["time_zone", "when_running"]) if (trigger.has(field)) trigger.problem(ofCron, field);
  if (type !== "cron")
    for (const field of ["cron_expression", "cron_cursor_job"])
      if (trigger.has(field)) trigger.note(grammar.trigger, field, ofCron);
  if (type !== "message_filter")
    for (const field of ["inclusion", "exclusion"])
      if (trigger.has(field))
        trigger.problem(
          `Only a trigger of type message_filter compares messages, and ${trigger.key} is a ${type}: every message would start it.`,
          field,
        );
  return {
    ...fields,
    cronExpression: type === "cron" ? fields.cronExpression : null,
    cronCursorJob: type === "cron" ? fields.cronCursorJob : null,
  };
}

function readEdge(edge: MapReader, triggers: ReadonlySet<string>, jobs: ReadonlySet<string>): EdgeSpec {
  edge.keys(grammar.edge);
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
  return {
    sourceTrigger,
    sourceJob,
    targetJob: targetJob ?? "",
    ...readCondition(edge, sourceTrigger === null ? "on_job_success" : "always"),
    enabled: edge.flag("enabled") ?? true,
  };
}

type Condition = Pick<EdgeSpec, "conditionType" | "conditionLabel" | "conditionExpression">;

/** `condition` is what the files of 2023 call it. */
function readCondition(edge: MapReader, usual: EdgeSpec["conditionType"]): Condition {
  const said = edge.oneOf("condition_type", edgeConditions);
  const old = edge.oneOf("condition", edgeConditions);
  if (said !== null && old !== null && said !== old)
    edge.note(grammar.edge, "condition", "condition_type says something else, and counts.");
  const expression = edge.text("condition_expression");
  const conditionType = said ?? old ?? usual;
  if (expression !== null && said === null && old === null)
    edge.problem(
      `${edge.key} has an expression, but not "condition_type: js_expression", which would make it count.`,
      "condition_expression",
    );
  else if (expression !== null && conditionType !== "js_expression")
    edge.note(
      grammar.edge,
      "condition_expression",
      `It was left out: the edge is followed ${conditionType}, and only js_expression asks an expression.`,
    );
  return {
    conditionType,
    conditionLabel: edge.text("condition_label"),
    conditionExpression: conditionType === "js_expression" ? expression : null,
  };
}
