import { hyphenated } from "@/lib/portability/keys";
import { isRecord, type MapReader } from "@/lib/portability/reader";
import { type Draft, Keys, written } from "./draft";
import { baseOf, folderOf, pathFrom } from "./folder";
import { v2Words } from "./words";

/** A workflow of the portability format v2 and the file that it is in; paths of code are relative to that. */
export type V2Workflow = { reader: MapReader; file: string };

export type V2Project = {
  name: string;
  /** Where the project is described: its own file, or that of its first workflow. */
  at: MapReader;
  credentials: readonly { uuid: string | null; name: string; owner: string; at: MapReader }[];
  workflows: readonly V2Workflow[];
};

/** Writes a project of the portability format v2 (reference: toolchain §4.6) as a document of the v1 grammar. */
export function draftV2(project: V2Project, draft: Draft): void {
  draft.put(["name"], project.name, project.at, "name");
  const credentials = new Credentials(draft, project.credentials);
  const keys = new Keys();
  for (const { reader, file } of project.workflows) {
    reader.keys(v2Words.workflow);
    const own = openfnOf(reader, v2Words.ofWorkflow);
    if (own?.has("deleted_at")) {
      reader.note(v2Words.workflow, "openfn", "This workflow was deleted, and was left out.");
      continue;
    }
    const name = reader.text("name") ?? reader.text("id") ?? (baseOf(file) || "workflow");
    const path = ["workflows", keys.of(name, reader.text("id") ?? "workflow")];
    draft.put(path, new Map(), reader);
    draft.put([...path, "name"], name, reader, "name");
    for (const field of ["concurrency", "enable_job_logs"] as const)
      draft.put([...path, field], reader.raw(field) ?? own?.raw(field), reader, field);
    draft.put([...path, "order_key"], reader.raw("order_key"), reader, "order_key");
    new StepsOf(reader, file, { draft, path, credentials }).write();
  }
}

/** The names of a project's collections, which its files list as texts or as maps. */
export function draftCollections(project: MapReader, draft: Draft): void {
  const value = project.raw("collections");
  const names = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  const keys = new Keys();
  for (const one of names) {
    const name =
      typeof one === "string" ? one : isRecord(one) && typeof one.name === "string" ? one.name : null;
    if (name === null) project.problem("Each collection needs a name.", "collections");
    else draft.put(["collections", keys.of(name, "collection"), "name"], name, project, "collections");
  }
}

/** What OpenFn's command line keeps of the server's record. */
function openfnOf(reader: MapReader, level: (typeof v2Words)[keyof typeof v2Words]): MapReader | null {
  const own = reader.raw("openfn");
  if (!isRecord(own)) return null;
  const inner = reader.within("openfn", own);
  inner.keys(level);
  return inner;
}

/** A project's credentials by what steps call them: `owner|name`, or their id on the server. */
class Credentials {
  readonly #keys = new Keys();
  readonly #known = new Map<string, string>();
  readonly #draft: Draft;

  constructor(draft: Draft, credentials: V2Project["credentials"]) {
    this.#draft = draft;
    for (const { uuid, name, owner, at } of credentials) {
      const key = this.#add({ name, owner }, at);
      if (uuid !== null) this.#known.set(uuid, key);
    }
  }

  #add({ name, owner }: { name: string; owner: string }, at: MapReader, field?: string): string {
    const called = `${owner}|${name}`;
    const known = this.#known.get(called);
    if (known !== undefined) return known;
    const key = this.#keys.of(`${owner} ${name}`.trim(), hyphenated(name) || "credential");
    this.#known.set(called, key);
    this.#draft.put(["credentials", key], new Map(Object.entries({ name, owner })), at, field);
    return key;
  }

  /** The key of the credential that a step names, or null; then the report says what to do. */
  of(step: MapReader, name: string): string | null {
    const value = step.raw("configuration");
    if (value === null) return null;
    if (isRecord(value)) {
      const said = `What stands in it was not imported: it is for a credential. Make one called "${name}", and choose it for this job.`;
      if (Object.keys(value).length > 0) step.note(v2Words.job, "configuration", said);
      return null;
    }
    const text = step.text("configuration");
    if (text === null || text.trim() === "") return null;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const [owner = "", ...rest] = text.split("|");
    if (rest.length > 0) return this.#add({ owner, name: rest.join("|") }, step, "configuration");
    const file = /([^/\\]+)\.json$/.exec(text)?.[1];
    const said = file
      ? `${text} is a file of OpenFn's command line, whose values were not imported. Make a credential called "${file}".`
      : "It names no credential of these files: write owner|name.";
    step.note(v2Words.job, "configuration", said);
    return file ? this.#add({ owner: "", name: file }, step, "configuration") : null;
  }
}

type Step = { reader: MapReader; id: string; key: string; isTrigger: boolean; uuid: string | null };

/** The steps of one workflow, of which those with a type are triggers. */
class StepsOf {
  readonly #steps: Step[];

  constructor(
    reader: MapReader,
    readonly file: string,
    readonly into: { draft: Draft; path: string[]; credentials: Credentials },
  ) {
    const [jobs, triggers] = [new Keys(), new Keys()];
    this.#steps = listed(reader).map((step, index) => {
      const type = step.text("type");
      const id = step.text("id") ?? step.text("name") ?? type ?? `step-${index + 1}`;
      const own = step.raw("openfn");
      const uuid = isRecord(own) && typeof own.uuid === "string" ? own.uuid : null;
      const key = type === null ? jobs.of(step.text("name") ?? id, id) : triggers.of(type, id);
      return { reader: step, id, key, isTrigger: type !== null, uuid };
    });
  }

  write(): void {
    const { draft, path } = this.into;
    const ids = new Set<string>();
    for (const step of this.#steps) {
      if (ids.has(step.id)) step.reader.problem(`duplicate id: ${step.id}`, "id");
      ids.add(step.id);
      const at = [...path, step.isTrigger ? "triggers" : "jobs", step.key];
      draft.put(at, new Map(), step.reader);
      if (step.isTrigger) this.#trigger(step, at);
      else this.#job(step, at);
      this.#next(step);
    }
  }

  #trigger({ reader }: Step, at: string[]): void {
    const { draft } = this.into;
    reader.keys(v2Words.trigger);
    const own = openfnOf(reader, v2Words.ofTrigger);
    for (const field of fieldsOfTrigger) {
      const holder = reader.has(field) ? reader : own?.has(field) ? own : null;
      if (holder) draft.put([...at, field], written(holder, field), holder, field);
    }
    const cursor =
      reader.text("cron_cursor_job_id") ?? own?.text("cron_cursor_job_id") ?? reader.text("cron_cursor_job");
    if (cursor === null || cursor === undefined) return;
    const job = this.#steps.find(
      ({ uuid, id, isTrigger }) => !isTrigger && (uuid === cursor || id === cursor),
    );
    if (job || !isServersId.test(cursor)) draft.put([...at, "cron_cursor_job"], job?.key ?? cursor, reader);
    else reader.note(v2Words.trigger, "cron_cursor_job_id", cursorElsewhere);
  }

  #job({ reader, id }: Step, at: string[]): void {
    const { draft, credentials } = this.into;
    reader.keys(v2Words.job);
    openfnOf(reader, v2Words.ofJob);
    const name = reader.text("name") ?? id;
    draft.put([...at, "name"], name, reader, "name");
    draft.put([...at, "adaptor"], adaptorOf(reader), reader, "adaptor");
    draft.put([...at, "credential"], credentials.of(reader, name), reader, "configuration");
    for (const field of ["keychain_credential", "retry", "library_entry", "library_version"])
      draft.put([...at, field], written(reader, field), reader, field);
    draft.put([...at, "body"], this.#body(reader), reader, "expression");
  }

  #body(reader: MapReader): string | Map<string, string> {
    const code = reader.text("expression") ?? "";
    if (!isCodePath(code)) return code;
    const path = pathFrom(folderOf(this.file), code.trim());
    return new Map([["path", path ?? code.trim()]]);
  }

  #next({ reader, isTrigger, key }: Step): void {
    const { draft, path } = this.into;
    for (const { target, condition, label, isOff, at, field } of nextOf(reader)) {
      const found = this.#steps.find(({ id }) => id === target);
      if (!found || found.isTrigger) {
        at.problem(`Could not find a step with id: ${target}`, field);
        continue;
      }
      const edge = [...path, "edges", `${key}->${found.key}`];
      if (draft.has(edge)) at.problem(`Two ways lead from ${key} to ${found.key}. Keep one of them.`, field);
      draft.put(edge, new Map(), at, field);
      draft.put([...edge, isTrigger ? "source_trigger" : "source_job"], key, at, field);
      draft.put([...edge, "target_job"], found.key, at, field);
      for (const [word, value] of Object.entries(conditionOf(condition, isTrigger)))
        draft.put([...edge, word], value, at, field);
      draft.put([...edge, "condition_label"], label, at, field);
      if (isOff) draft.put([...edge, "enabled"], false, at, field);
    }
  }
}

/** OpenFn's commands leave the server's id where all else goes by names. */
const isServersId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const cursorElsewhere =
  "It names a job by its id on another server, and was left out. Choose the job whose state each run begins with.";

const fieldsOfTrigger = [
  ...[
    "type",
    "enabled",
    "inclusion",
    "exclusion",
    "cron_expression",
    "time_zone",
    "when_running",
    "source_job",
  ],
  ...["webhook_reply", "webhook_response_config", "custom_path", "takes_get", "open_rosa", "delivery_id"],
  "rate_per_minute",
];

/** Steps are a list, or a map by their ids; `jobs` is what they were called first. */
function listed(workflow: MapReader): MapReader[] {
  const field = workflow.has("steps") ? "steps" : "jobs";
  if (!isRecord(workflow.raw(field))) return workflow.items(field);
  return workflow.entries(field).map(([, step]) => step);
}

/** `http@latest` is short for OpenFn's own; an old workflow has a list of one. */
function adaptorOf(step: MapReader): string {
  const list = step.raw("adaptors");
  const names: unknown[] = Array.isArray(list) ? list : [];
  // What the common one has, most others have, too.
  const first = names.find((name) => !/(^|-)common(@|$)/.test(String(name))) ?? names[0];
  if (names.length > 1)
    step.note(v2Words.job, "adaptors", "A job has one adaptor: words of the others are missing in its code.");
  const named = step.text("adaptor") ?? (typeof first === "string" ? first : null);
  if (named === null || named.trim() === "") {
    const said =
      "It names no adaptor, and was given @openfn/language-common, which has what every job may use.";
    step.note(v2Words.job, "adaptor", said);
    return "@openfn/language-common@latest";
  }
  return longAdaptor(named.trim());
}

/** The full name of an adaptor that is written as OpenFn's command line takes it; others are returned as they are. */
export function longAdaptor(name: string): string {
  if (name.startsWith("@")) return name;
  return `@openfn/${name.startsWith("language-") ? name : `language-${name}`}`;
}

/** A path to a file of code, as against code. */
export const isCodePath = (text: string): boolean => /^[^\n;{}()=]+\.js\s*$/.test(text);

type Way = {
  target: string;
  condition: string | boolean | null;
  label: string | null;
  isOff: boolean;
  at: MapReader;
  field?: string;
};

/** Where a step leads: to one step, or to several, each always or under a condition. */
function nextOf(step: MapReader): Way[] {
  const value = step.raw("next");
  if (value === null) return [];
  if (typeof value === "string")
    return [{ target: value, condition: true, label: null, isOff: false, at: step, field: "next" }];
  if (!isRecord(value)) {
    step.problem(`next of ${step.key} must name a step, or be a map of steps.`, "next");
    return [];
  }
  const all = step.within("next", value);
  return Object.entries(value).map(([target, way]): Way => {
    if (!isRecord(way)) {
      const condition = typeof way === "boolean" ? way : all.text(target);
      return { target, condition, label: null, isOff: false, at: all, field: target };
    }
    const at = all.within(target, way);
    at.keys(v2Words.edge);
    openfnOf(at, v2Words.ofEdge);
    const raw = at.raw("condition");
    return {
      target,
      condition: typeof raw === "boolean" ? raw : at.text("condition"),
      label: at.text("label"),
      isOff: at.flag("disabled") ?? false,
      at,
    };
  });
}

const plainConditions = ["always", "on_job_success", "on_job_failure"];

/** What a condition of v2 is in v1's words. Anything but its own words is an expression; `never` is an edge that is off. */
function conditionOf(condition: string | boolean | null, isTrigger: boolean): Record<string, unknown> {
  const usual = isTrigger ? "always" : "on_job_success";
  const text = typeof condition === "string" ? condition.trim() : condition;
  if (text === null || text === "") return { condition_type: usual };
  if (text === true || text === "true") return { condition_type: "always" };
  if (text === false || text === "never" || text === "false")
    return { condition_type: usual, enabled: false };
  if (plainConditions.includes(text)) return { condition_type: text };
  return { condition_type: "js_expression", condition_expression: condition };
}
