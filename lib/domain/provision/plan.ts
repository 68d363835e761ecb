import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { NamedId } from "@/lib/domain/taken-ids";
import { hyphenated, numberedKeys } from "@/lib/portability/keys";
import { Refusal } from "@/lib/refusal";
import { takenPath } from "@/lib/workflow/graph";
import { sameGraph } from "@/lib/workflow/same";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { checkedWorkflow, labelsOf } from "./check";
import { type CollectionPlan, planCollections } from "./collections";
import { type CredentialPlan, planCredentials } from "./credentials";
import type { Current, CurrentWorkflow } from "./current";
import type { ErrorList } from "./errors";
import { type ComplainOf, mergeWorkflow, type Surroundings } from "./merge";
import { refuseExpressions } from "./openfn-only";
import type { Caller, PlanOptions } from "./options";
import {
  blank,
  changesWhileDeleting,
  type Item,
  isInvalid,
  isSet,
  notUnique,
  type Payload,
  type WorkflowItem,
} from "./payload";
import type { AdaptorVersions } from "./versions";

/** A workflow of the document, beside what it is now. */
export type Wanted = {
  id: string;
  label: string;
  item: WorkflowItem;
  before: CurrentWorkflow | null;
  graph: WorkflowGraph;
  change: "none" | "made" | "changed" | "deleted";
};

/** An id that the project does not have yet, and where it stands. */
export type NewId = NamedId & { path: string[]; workflowId?: string };

export type Plan = {
  workflows: Wanted[];
  credentials: CredentialPlan;
  collections: CollectionPlan;
  /** Library entries that are to be made: ids by their names. */
  library: Map<string, string>;
  newIds: NewId[];
  /** Deletions of what is not there, which say more than that: allowed where it was there once. */
  bygone: NewId[];
  /** Adaptors that nobody has looked up yet. Then nothing of the plan can be written. */
  unpinned: Set<string>;
  /** What is otherwise than the document says, a sentence each. */
  warnings: string[];
};

/** Compares a document with what the project is. What is wrong with it is added to `errors`; the database is asked nothing. */
export function planOf(
  payload: Payload,
  current: Current,
  caller: Caller,
  options: PlanOptions,
  errors: ErrorList,
): Plan {
  const credentials = planCredentials(payload, current, caller, options, errors);
  const library = new Map<string, string>();
  const unpinned = new Set<string>();
  const known = new Map(current.workflows.map((workflow) => [workflow.id, workflow]));
  const jobAt = placesOf(payload, current);
  const around = {
    isExtended: options.isExtended,
    credentialOf: (id: string) => (credentials.ids.has(id) ? (credentials.ids.get(id) ?? null) : id),
    keychainOf: (id: string) => credentials.keychainIds.get(id) ?? id,
    entryOf: (name: string) => entryNow(current)(name) ?? newEntry(name, library),
    jobAt: (place: string) => jobAt.get(place) ?? null,
    pin: (adaptor: string) => {
      if (!options.versions.has(adaptor)) unpinned.add(adaptor);
      const version = options.versions.get(adaptor);
      return typeof version === "string" ? version : null;
    },
  };
  const workflows = payload.workflows.flatMap((item): Wanted[] => {
    const before = known.get(item.id) ?? null;
    if (!before && item.isDeletion) return [];
    const complain = complaints(item, before, errors);
    if (before)
      refuseChangedDeletions(item, before.graph, { ...around, entryOf: entryNow(current) }, complain);
    const graph = mergeWorkflow(item, before?.graph ?? null, around, complain);
    const wanted = { id: item.id, label: item.label, item, before, graph };
    credentials.check(graph, complain);
    if (item.isDeletion) return [{ ...wanted, change: "deleted" }];
    if (before && isSame(before.graph, graph)) return [{ ...wanted, change: "none" }];
    const refused = options.isExtended
      ? undefined
      : refuseExpressions(graph, before?.graph ?? null, complain);
    const checked = checkedWorkflow(graph, complain, refused);
    if (!checked.isSound && errors.isEmpty) complain(null, null)("base", isInvalid);
    return [{ ...wanted, graph: checked.graph, change: before ? "changed" : "made" }];
  });
  const warnings = [...credentials.warnings, ...markedJobs(workflows, options.versions)];
  const collections = planCollections(payload, current, errors);
  const plan = {
    workflows,
    credentials,
    collections,
    library,
    unpinned,
    warnings,
    ...idsOf(payload, current, errors),
  };
  refuseClashes(plan, current, errors);
  return plan;
}

/** Jobs that cannot run, and why. */
function markedJobs(workflows: readonly Wanted[], versions: AdaptorVersions): string[] {
  const marked = workflows
    .filter(({ change }) => change === "made" || change === "changed")
    .flatMap(({ graph }) => graph.jobs.filter(({ adaptorVersion }) => adaptorVersion === null));
  return marked.flatMap(({ name, adaptor }) => {
    const why = versions.get(adaptor);
    if (!(why instanceof Refusal)) return [];
    return `${why.message} The job "${name}" cannot run until you choose another adaptor on the workflow's page.`;
  });
}

/** Without the order of keys, and numbers as they are written. */
const isSame = (a: WorkflowGraph, b: WorkflowGraph): boolean => isDeepStrictEqual(a, b) || sameGraph(a, b);

/** Adds to `errors` what is said of an item, under the names that people know it by. */
function complaints(item: WorkflowItem, before: CurrentWorkflow | null, errors: ErrorList): ComplainOf {
  const labels = labelsOf(item, before?.graph ?? null);
  return (kind, one) => {
    const at = ["workflows", item.label, ...(kind && one ? [kind, labels[kind](one.id)] : [])];
    return (field, message) => errors.add([...at, ...field.split(".")], message);
  };
}

/** Besides `delete`, a record may say again what it is, and nothing else. */
function refuseChangedDeletions(
  item: WorkflowItem,
  old: WorkflowGraph,
  around: Surroundings,
  complain: ComplainOf,
): void {
  const again = undeleted(item);
  const count = again.jobs.length + again.triggers.length + again.edges.length;
  if (count === 0 && !item.isDeletion) return;
  const merged = mergeWorkflow(again, old, { ...around, pin: () => null }, () => () => {});
  if (item.isDeletion && !isDeepStrictEqual(ownOf(merged), ownOf(old)))
    complain(null, null)("delete", changesWhileDeleting);
  for (const kind of ["jobs", "triggers", "edges"] as const)
    for (const one of again[kind]) {
      const known = old[kind].find(({ id }) => id === one.id);
      const now = merged[kind].find(({ id }) => id === one.id);
      if (known && !isDeepStrictEqual(known, now)) complain(kind, one)("delete", changesWhileDeleting);
    }
}

const undeleted = (item: WorkflowItem): WorkflowItem => {
  const alive = (items: Item[]) =>
    items
      .filter(({ raw, isDeletion }) => isDeletion && saysMore(raw))
      .map((one) => ({ ...one, isDeletion: false }));
  return { ...item, jobs: alive(item.jobs), triggers: alive(item.triggers), edges: alive(item.edges) };
};

const ownOf = ({ name, concurrency, orderKey, jobLogs }: WorkflowGraph) => ({
  name,
  concurrency,
  orderKey,
  jobLogs,
});

const saysMore = (raw: object): boolean => Object.keys(raw).some((key) => key !== "id" && key !== "delete");

const entryNow =
  ({ library }: Current) =>
  (name: string): string | null =>
    [...library].find(([, known]) => known === name)?.[0] ?? null;

function newEntry(name: string, made: Map<string, string>): string {
  const id = made.get(name) ?? randomUUID();
  made.set(name, id);
  return id;
}

/** The jobs that the project will have, by `<workflow key>/<job key>` as project.yaml has them. */
function placesOf(payload: Payload, current: Current): Map<string, string> {
  const sent = new Map(payload.workflows.map((item) => [item.id, item]));
  const there = new Set(current.workflows.map(({ id }) => id));
  const named = [
    ...current.workflows.map(({ id, graph }) => namedOf(sent.get(id) ?? null, graph)),
    ...payload.workflows.filter(({ id }) => !there.has(id)).map((item) => namedOf(item, null)),
  ].filter((one) => one !== null);
  const workflowKeys = numberedKeys(named, ({ name }) => name);
  return new Map(
    named.flatMap((workflow) => {
      const jobKeys = numberedKeys(workflow.jobs, ({ name }) => name);
      return workflow.jobs.map((job): [string, string] => [
        `${workflowKeys.get(workflow)}/${jobKeys.get(job)}`,
        job.id,
      ]);
    }),
  );
}

type Named = { id: string; name: string };

function namedOf(
  item: WorkflowItem | null,
  old: WorkflowGraph | null,
): { name: string; jobs: Named[] } | null {
  if (item?.isDeletion) return null;
  const gone = new Set(item?.jobs.filter(({ isDeletion }) => isDeletion).map(({ id }) => id));
  const names = new Map(old?.jobs.map(({ id, name }) => [id, name]));
  for (const { id, raw } of item?.jobs ?? [])
    if (typeof raw.name === "string" || !names.has(id)) names.set(id, textOf(raw.name));
  const jobs = [...names].filter(([id]) => !gone.has(id)).map(([id, name]) => ({ id, name }));
  return { name: item?.label ?? old?.name ?? "", jobs };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The ids that the document brings; one that stands in two places is refused. */
function idsOf(payload: Payload, current: Current, errors: ErrorList): Pick<Plan, "newIds" | "bygone"> {
  const homes = new Map<string, string>();
  for (const { id, graph } of current.workflows) {
    homes.set(id, "workflow");
    for (const one of graph.jobs) homes.set(one.id, `job ${id}`);
    for (const one of graph.triggers) homes.set(one.id, `trigger ${id}`);
    for (const one of graph.edges) homes.set(one.id, `edge ${id}`);
  }
  const seen = new Set<string>();
  const newIds: NewId[] = [];
  const bygone: NewId[] = [];
  const look = (
    { id, raw, isDeletion }: Item,
    { kind, workflowId, path }: { kind: NewId["kind"]; workflowId: string; path: string[] },
  ) => {
    const home = kind === "workflow" ? kind : `${kind} ${workflowId}`;
    const isKnown = homes.get(id) === home;
    const isStrange = homes.has(id) && !isKnown;
    if (seen.has(id) || (isStrange && !isDeletion)) errors.add([...path, "id"], notUnique);
    seen.add(id);
    if (isKnown || isStrange) return;
    if (!isDeletion) newIds.push({ id, kind, path, workflowId });
    else if (saysMore(raw)) bygone.push({ id, kind, path });
  };
  for (const item of payload.workflows) {
    const at = ["workflows", item.label];
    look(item, { kind: "workflow", workflowId: item.id, path: at });
    // What is in it goes with it, and is not looked at.
    if (item.isDeletion) continue;
    const old = current.workflows.find(({ id }) => id === item.id)?.graph ?? null;
    const labels = labelsOf(item, old);
    for (const [kind, list] of kinds)
      for (const one of item[list])
        look(one, { kind, workflowId: item.id, path: [...at, list, labels[list](one.id)] });
  }
  const known = new Set(current.collections.map(({ id }) => id));
  for (const { id, raw, isDeletion } of payload.collections)
    if (!known.has(id) && !isDeletion)
      newIds.push({ id, kind: "collection", path: ["collections", textOf(raw.name)] });
  return { newIds, bygone };
}

const kinds = [
  ["job", "jobs"],
  ["trigger", "triggers"],
  ["edge", "edges"],
] as const;

/** What workflows may not share: names, and the paths of their webhooks. */
function refuseClashes({ workflows }: Pick<Plan, "workflows">, current: Current, errors: ErrorList): void {
  const wanted = new Map(workflows.map((one) => [one.id, one]));
  const others = current.workflows.filter(({ id }) => !wanted.has(id)).map(({ graph }) => graph);
  const names = new Set(others.map(({ name }) => name));
  const paths = new Set(others.flatMap(pathsOf));
  const keys = new Map(others.map(({ name }) => [hyphenated(name), name]));
  // Those that stay as they are have their names first.
  const living = workflows.filter(({ change }) => change !== "deleted");
  for (const { label, graph, change } of living.toSorted((a, b) => rank(a) - rank(b))) {
    if (graph.name === "") errors.add(["workflows", label, "name"], blank);
    else if (names.has(graph.name) && change !== "none")
      errors.add(["workflows", label, "name"], "A workflow with this name already exists in this project.");
    else if (change !== "none") refuseSameKey(keys, graph.name, ["workflows", label, "name"], errors);
    if (change !== "none") refuseSameJobKeys(graph, label, errors);
    names.add(graph.name);
    keys.set(hyphenated(graph.name), graph.name);
    const own = graph.triggers.find(({ customPath }) => customPath !== null && paths.has(customPath));
    if (own && change !== "none")
      errors.add(["workflows", label, "triggers", own.type, "custom_path"], takenPath);
    for (const path of pathsOf(graph)) paths.add(path);
  }
}

/** Two names whose keys in project.yaml are the same: the next pull could not tell them apart. */
function refuseSameKey(
  keys: ReadonlyMap<string, string>,
  name: string,
  path: string[],
  errors: ErrorList,
): void {
  const other = keys.get(hyphenated(name));
  if (other === undefined || other === name) return;
  errors.add(
    path,
    `"${other}" and "${name}" would both be "${hyphenated(name)}" in project.yaml. Rename one of them.`,
  );
}

function refuseSameJobKeys({ jobs }: WorkflowGraph, label: string, errors: ErrorList): void {
  const keys = new Map<string, string>();
  for (const { name } of jobs) {
    refuseSameKey(keys, name, ["workflows", label, "jobs", name, "name"], errors);
    keys.set(hyphenated(name), name);
  }
}

const rank = ({ change, before, graph }: Wanted): number =>
  change === "none" || before?.graph.name === graph.name ? 0 : 1;

const pathsOf = ({ triggers }: WorkflowGraph): string[] =>
  triggers.flatMap(({ customPath }) => customPath ?? []);

/** Whether a document says something about the version that it started from. */
export const startedFrom = ({ raw }: WorkflowItem): number | null =>
  isSet(raw.lock_version) && Number.isSafeInteger(raw.lock_version) ? Number(raw.lock_version) : null;
