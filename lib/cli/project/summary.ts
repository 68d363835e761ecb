import { differenceOfTexts } from "@/lib/difference/lines";
import type { ProjectDocument, ProjectPayload } from "@/lib/portability/document";
import { comparable, outcomeOf } from "./compare";

/** One thing that is different, by the names that people know it by. */
export type Change = {
  change: "added" | "changed" | "removed";
  kind: "project" | "workflow" | "job" | "trigger" | "edge" | "credential" | "collection" | "keychain";
  /** `workflow/job` for what is in a workflow. */
  name: string;
  /** Words for each field that is not the same. */
  fields: string[];
  id: string;
};

type Raw = Record<string, unknown>;

const lists = [
  ["project_credentials", "credential"],
  ["collections", "collection"],
  ["keychain_credentials", "keychain"],
] as const;
const parts = [
  ["jobs", "job"],
  ["triggers", "trigger"],
  ["edges", "edge"],
] as const;

/** What a deploy would change on a server, record by record. */
export const changesOfDeploy = (current: ProjectDocument | null, payload: ProjectPayload): Change[] =>
  changesBetween(current, current ? outcomeOf(current, payload) : payload);

/** What tells two versions of a project apart, record by record. */
export function changesBetween(before: Raw | null, after: Raw): Change[] {
  const [old, young] = [before ? raw(comparable(before)) : null, raw(comparable(after))];
  if (old === null)
    return [{ change: "added", kind: "project", name: text(young.name), fields: [], id: text(young.id) }];
  const [oldNames, youngNames] = [namesIn(old), namesIn(young)];
  const names = { before: oldNames, after: youngNames };
  return [
    ...own("project", text(young.name), old, young, ["workflows", ...lists.map(([key]) => key)]),
    ...lists.flatMap(([key, kind]) => items(kind, records(old[key]), records(young[key]), () => "", names)),
    ...items("workflow", records(old.workflows), records(young.workflows), () => "", names),
    ...pairs(records(old.workflows), records(young.workflows)).flatMap(([was, is]) =>
      was && is && !isGone(is)
        ? parts.flatMap(([key, kind]) =>
            items(kind, records(was[key]), records(is[key]), () => `${text(is.name)}/`, names),
          )
        : [],
    ),
  ];
}

/** What a deploy comes to for whoever has changed things here: what is theirs, and what it would only set back. */
export type Deploying = { own: Change[]; setBack: Change[] };

/**
 * Parts the changes of a deploy by who made them. What differs from the server but is as it was at the last pull or deploy
 * (`known`) was changed there: this deploy would set it back.
 */
export function deployingWith(
  current: ProjectDocument | null,
  known: ProjectDocument | null,
  payload: ProjectPayload,
): Deploying {
  const all = changesOfDeploy(current, payload);
  if (!current || !known) return { own: all, setBack: [] };
  const mine = new Set(changesOfDeploy(known, payload).map(keyOf));
  return {
    own: all.filter((change) => mine.has(keyOf(change))),
    setBack: all.filter((change) => !mine.has(keyOf(change))),
  };
}

const keyOf = ({ kind, id }: Change): string => `${kind} ${id}`;

/** A line for a person: `~ job W/J: body (+1 -1 lines)`. */
export const lineOf = ({ change, kind, name, fields }: Change): string => {
  const sign = { added: "+", changed: "~", removed: "-" }[change];
  return `${sign} ${kind} ${name}${fields.length > 0 ? `: ${fields.join(", ")}` : ""}`;
};

type Names = Map<string, string>;
type BothNames = { before: Names; after: Names };

function items(
  kind: Change["kind"],
  before: Raw[],
  after: Raw[],
  prefix: () => string,
  names: BothNames,
): Change[] {
  return pairs(before, after).flatMap(([was, is]): Change[] => {
    if (is && !isGone(is) && !was)
      return [
        { change: "added", kind, name: prefix() + nameOf(is, names.after), fields: [], id: text(is.id) },
      ];
    if (was && (!is || isGone(is)))
      return [
        { change: "removed", kind, name: prefix() + nameOf(was, names.before), fields: [], id: text(was.id) },
      ];
    if (!was || !is) return [];
    return own(
      kind,
      prefix() + nameOf(is, names.after),
      was,
      is,
      parts.map(([key]) => key),
      names,
    );
  });
}

/** The fields of one thing, without the lists that are told apart. */
function own(
  kind: Change["kind"],
  name: string,
  before: Raw,
  after: Raw,
  apart: readonly string[],
  names?: BothNames,
): Change[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => field !== "id" && !apart.includes(field))
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => fieldWords(field, before[field], after[field], names));
  return fields.length === 0 ? [] : [{ change: "changed", kind, name, fields, id: text(after.id) }];
}

const longest = 60;

function fieldWords(field: string, before: unknown, after: unknown, names?: BothNames): string {
  if (field === "body" && typeof before === "string" && typeof after === "string") {
    const lines = differenceOfTexts(before, after);
    return `body (+${lines?.added ?? 0} -${lines?.removed ?? 0} lines)`;
  }
  const label = field.replace(/_ids?$/, "");
  const [from, to] = [shown(before, names?.before), shown(after, names?.after)];
  return from.length > longest || to.length > longest ? label : `${label} ${from} → ${to}`;
}

const shown = (value: unknown, names: Names | undefined): string =>
  value === undefined
    ? "none"
    : typeof value === "string"
      ? (names?.get(value) ?? JSON.stringify(value))
      : JSON.stringify(value);

function pairs(before: Raw[], after: Raw[]): [Raw | undefined, Raw | undefined][] {
  const young = new Map(after.map((one) => [one.id, one]));
  const old = new Set(before.map(({ id }) => id));
  return [
    ...before.map((was): [Raw, Raw | undefined] => [was, young.get(was.id)]),
    ...after.filter(({ id }) => !old.has(id)).map((is): [undefined, Raw] => [undefined, is]),
  ];
}

const isGone = (one: Raw): boolean => one.delete === true;

/** Names of everything that has an id: an edge is called after its ends. */
function namesIn(project: Raw): Names {
  const names: Names = new Map();
  const add = (one: Raw, name: string) => names.set(text(one.id), name);
  for (const [key] of lists) for (const one of records(project[key])) add(one, text(one.name));
  for (const workflow of records(project.workflows)) {
    add(workflow, text(workflow.name));
    for (const one of records(workflow.jobs)) add(one, text(one.name));
    for (const one of records(workflow.triggers)) add(one, text(one.type));
    for (const one of records(workflow.edges)) {
      const source = names.get(text(one.source_trigger_id ?? one.source_job_id));
      add(one, `${source ?? "?"}->${names.get(text(one.target_job_id)) ?? "?"}`);
    }
  }
  return names;
}

const nameOf = (one: Raw, names: Names): string => names.get(text(one.id)) ?? text(one.id);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const raw = (value: unknown): Raw => (typeof value === "object" && value !== null ? (value as Raw) : {});
const records = (value: unknown): Raw[] => (Array.isArray(value) ? value.map(raw) : []);
