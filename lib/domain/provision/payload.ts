import { randomUUID } from "node:crypto";
import { z } from "zod";
import { limits, tooMuchOf } from "@/lib/limits";
import { extraneousKeys, type Level } from "./columns";
import type { ErrorList } from "./errors";

export type Raw = Record<string, unknown>;

/** A record as it was sent. */
export type Item = {
  /** Lower case. Where it was left out, one of ours, so that what else is wrong is found too. */
  id: string;
  raw: Raw;
  isDeletion: boolean;
};

export type WorkflowItem = Item & {
  /** What it is called in errors: its name, as far as that is known. */
  label: string;
  jobs: Item[];
  triggers: Item[];
  edges: Item[];
};

/** A document whose records are found, and not yet looked into. */
export type Payload = {
  id: string;
  raw: Raw;
  workflows: WorkflowItem[];
  credentials: Item[];
  collections: Item[];
  channels: Item[];
  keychains: Item[];
};

export const blank = "This field can't be blank.";
export const isInvalid = "is invalid";
export const changesWhileDeleting = "cannot change or add a record while deleting";
export const notDocument = "A project is an object with id, name and workflows.";
export const notUnique = "This value should be unique.";

const remedy =
  "The server has no such fields. Run `openfn pull` (or `waybill pull`), which writes the state file anew, then deploy again.";

/** What records are called that the server has, by their ids: a document may leave a name out. */
export type KnownNames = { get(id: string): string | undefined };

/** Finds the records of a document, in lists or in maps. What is wrong is added to `errors`. */
export function readPayload(document: unknown, errors: ErrorList, names: KnownNames): Payload {
  const raw = isRaw(document) ? document : {};
  if (!isRaw(document)) errors.add(["base"], notDocument);
  const id = readId(raw, [], errors);
  refuseExtraneous("project", raw, [], errors);
  refuseTooMany(raw);
  const list = (key: string) => recordsOf(raw, key, [], errors);
  return {
    id,
    raw,
    workflows: list("workflows").map((one) => readWorkflow(one, errors, names)),
    credentials: list("project_credentials").map((one) =>
      readChild("project_credential", one, ["project_credentials", nameOf(one)], errors),
    ),
    collections: list("collections").map((one) =>
      readChild("collection", one, ["collections", nameOf(one)], errors),
    ),
    channels: list("channels").map((one) => readItem(one, ["channels"], errors)),
    keychains: list("keychain_credentials").map((one) => readItem(one, ["keychain_credentials"], errors)),
  };
}

/** Throws `invalid` for more records than any project has: each of them is looked at several times. */
function refuseTooMany(raw: Raw): void {
  const children = ["workflows", "project_credentials", "collections", "channels", "keychain_credentials"];
  let count = 0;
  for (const key of children)
    for (const one of valuesOf(raw[key])) {
      const lists = key === "workflows" && isRaw(one) ? [one.jobs, one.triggers, one.edges] : [];
      count += lists.reduce<number>((sum, list) => sum + valuesOf(list).length, 1);
    }
  if (count > limits.documentRecords) throw tooMuchOf("documentRecords", count, "The document");
}

const valuesOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : isRaw(value) ? Object.values(value) : [];

function readWorkflow(raw: Raw, errors: ErrorList, names: KnownNames): WorkflowItem {
  const label = nameOf(raw, names);
  const at = ["workflows", label];
  const id = readId(raw, at, errors);
  refuseExtraneous("workflow", raw, at, errors);
  const isDeletion = readDeletion(raw, at, errors) || hasDeletionDate(raw, at, errors);
  const list = (key: "jobs" | "triggers" | "edges") => recordsOf(raw, key, at, errors);
  const [jobs, triggers, edges] = [list("jobs"), list("triggers"), list("edges")];
  const own = new Map<string, string>();
  for (const one of jobs) if (isUuid(one.id)) own.set(one.id.toLowerCase(), nameOf(one, names));
  for (const one of triggers) if (isUuid(one.id)) own.set(one.id.toLowerCase(), typeOf(one, names));
  const labels: KnownNames = { get: (one) => own.get(one) ?? names.get(one) };
  return {
    id,
    raw,
    label,
    isDeletion,
    jobs: jobs.map((one) => readChild("job", one, [...at, "jobs", nameOf(one, names)], errors)),
    triggers: triggers.map((one) =>
      readChild("trigger", one, [...at, "triggers", typeOf(one, names)], errors),
    ),
    edges: edges.map((one) => readChild("edge", one, [...at, "edges", edgeLabel(one, labels)], errors)),
  };
}

function readChild(level: Level, raw: Raw, at: string[], errors: ErrorList): Item {
  refuseExtraneous(level, raw, at, errors);
  return { id: readId(raw, at, errors), raw, isDeletion: readDeletion(raw, at, errors) };
}

function readItem(raw: Raw, list: string[], errors: ErrorList): Item {
  const at = [...list, nameOf(raw)];
  return { id: readId(raw, at, errors), raw, isDeletion: readDeletion(raw, at, errors) };
}

const nameOf = (raw: Raw, names?: KnownNames): string => labelOf(raw, "name", names) ?? "";

/** A trigger is called by its type. */
const typeOf = (raw: Raw, names: KnownNames): string => labelOf(raw, "type", names) ?? "webhook";

function labelOf(raw: Raw, key: "name" | "type", names?: KnownNames): string | undefined {
  const said = raw[key];
  if (typeof said === "string" && said !== "") return said;
  return typeof raw.id === "string" ? names?.get(raw.id.toLowerCase()) : undefined;
}

/** `source->target`. */
function edgeLabel(raw: Raw, labels: KnownNames): string {
  const label = (id: unknown) => (typeof id === "string" ? (labels.get(id.toLowerCase()) ?? "") : "");
  return `${label(raw.source_trigger_id ?? raw.source_job_id)}->${label(raw.target_job_id)}`;
}

/** A list of records, or a map of them, in its order; none where the key is absent or null. */
function recordsOf(raw: Raw, key: string, at: string[], errors: ErrorList): Raw[] {
  const value = raw[key];
  if (!isSet(value)) return [];
  const records = Array.isArray(value) ? value : isRaw(value) ? Object.values(value) : [value];
  const sound = records.filter(isRaw);
  if (sound.length < records.length)
    errors.add([...at, "base"], `${key} must be a list or a map of records.`);
  return sound;
}

function readId(raw: Raw, at: string[], errors: ErrorList): string {
  const { id } = raw;
  if (!isSet(id) || id === "") errors.add([...at, "id"], blank);
  else if (isUuid(id)) return id.toLowerCase();
  else errors.add([...at, "id"], isInvalid);
  return randomUUID();
}

function readDeletion(raw: Raw, at: string[], errors: ErrorList): boolean {
  const deletes = raw.delete;
  if (isSet(deletes) && typeof deletes !== "boolean") errors.add([...at, "delete"], isInvalid);
  return deletes === true;
}

/** OpenFn's column: a workflow that was deleted has the moment of it, others have null. */
function hasDeletionDate({ deleted_at }: Raw, at: string[], errors: ErrorList): boolean {
  if (!isSet(deleted_at) || deleted_at === "") return false;
  const isDate = typeof deleted_at === "string" && !Number.isNaN(Date.parse(deleted_at));
  if (!isDate) errors.add([...at, "deleted_at"], isInvalid);
  return isDate;
}

function refuseExtraneous(level: Level, raw: Raw, at: string[], errors: ErrorList): void {
  const keys = extraneousKeys(level, raw);
  if (keys.length === 0) return;
  errors.add([...at, "base"], `extraneous parameters: ${keys.join(", ")}`);
  errors.add([...at, "base"], remedy);
}

export const isRaw = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Neither absent nor null. */
export const isSet = (value: unknown): boolean => value !== undefined && value !== null;

const uuid = z.uuid();

export const isUuid = (value: unknown): value is string => uuid.safeParse(value).success;
