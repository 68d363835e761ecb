import { type Budget, differenceOfTexts, newBudget, type TextDifference } from "@/lib/difference/lines";
import { stringifyExact } from "@/lib/exact-json";
import { edgeLabel } from "./graph";
import { retryWords } from "./retry";
import type { Edge, JobNode, TriggerNode, WorkflowGraph } from "./types";

/** Null: it was not there, or not set. */
export type FieldChange = { field: string; before: string | null; after: string | null };

export type ItemDifference = {
  id: string;
  name: string;
  change: "added" | "removed" | "changed";
  fields: FieldChange[];
  /** Of a job whose code is not the same. */
  code: TextDifference | null;
};

/** What tells two versions of a workflow apart. Empty lists: both do the same. */
export type GraphDifference = {
  workflow: FieldChange[];
  triggers: ItemDifference[];
  jobs: ItemDifference[];
  edges: ItemDifference[];
  /** Something was left out or cut, because there was too much. */
  isShortened: boolean;
};

const maxItems = 300;
const maxChars = 1_000;

/** What ids stand for that a graph only names: credentials, keychains, library entries, jobs of other workflows. Those that are gone are not in it. */
export type Names = ReadonlyMap<string, string>;

/**
 * Compares two versions field by field and their code line by line, whatever fields there are: one that is added to
 * `WorkflowGraph` is compared, too. Where nodes stand in the picture does not count. Bounded; who compares several hands
 * the same `texts` on.
 */
export function differenceOfGraphs(
  before: WorkflowGraph,
  after: WorkflowGraph,
  names: Names = new Map(),
  texts: Budget = newBudget(),
): GraphDifference {
  const bounds: Bounds = { items: maxItems, texts, isShortened: false };
  const lists = {
    workflow: [
      ...changesOf(ownFields(before), ownFields(after), bounds),
      ...orderOfEdges(before, after, bounds),
    ],
    triggers: items(before, after, (graph) => triggerViews(graph, names), bounds),
    jobs: items(before, after, (graph) => jobViews(graph, names), bounds),
    edges: items(before, after, edgeViews, bounds),
  };
  return { ...lists, isShortened: bounds.isShortened };
}

/** Whether nothing that a run would notice is different. */
export const isNoDifference = ({ workflow, triggers, jobs, edges }: GraphDifference): boolean =>
  workflow.length + triggers.length + jobs.length + edges.length === 0;

type Bounds = { items: number; texts: Budget; isShortened: boolean };
type Fields = Record<string, string | null>;
type View = { id: string; name: string; fields: Fields; code: string | null };

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === "string" ? value : stringifyExact(value);

const plain = (item: object): Fields =>
  Object.fromEntries(Object.entries(item).map(([field, value]) => [field, textOf(value)]));

const elsewhere = ["triggers", "jobs", "edges", "positions"];

const ownFields = (graph: WorkflowGraph): Fields =>
  plain(Object.fromEntries(Object.entries(graph).filter(([field]) => !elsewhere.includes(field))));

const jobName = (graph: WorkflowGraph, id: string | null) =>
  id === null ? null : (graph.jobs.find((job) => job.id === id)?.name ?? id);

const triggerViews = (graph: WorkflowGraph, names: Names): View[] =>
  graph.triggers.map(({ id, ...trigger }: TriggerNode) => ({
    id,
    name: trigger.type,
    fields: {
      ...plain(trigger),
      cronCursorJobId: jobName(graph, trigger.cronCursorJobId),
      sourceJobId: nameOf(trigger.sourceJobId, names),
    },
    code: null,
  }));

const jobViews = (graph: WorkflowGraph, names: Names): View[] =>
  graph.jobs.map(({ id, body, projectCredentialId, keychainCredentialId, ...job }: JobNode) => ({
    id,
    name: job.name,
    fields: {
      ...plain(job),
      retry: job.retry && retryWords(job.retry),
      libraryJobId: nameOf(job.libraryJobId, names),
      credential: credentialName(projectCredentialId, names),
      keychain: nameOf(keychainCredentialId, names),
    },
    code: body,
  }));

const nameOf = (id: string | null, names: Names): string | null =>
  id === null ? null : (names.get(id) ?? id);

/** Two that are gone are told apart by their ids. */
const credentialName = (id: string | null, names: Names): string | null =>
  id === null ? null : (names.get(id) ?? `${id}, which is not shared with the project any more`);

const edgeViews = (graph: WorkflowGraph): View[] =>
  graph.edges.map(({ id, sourceTriggerId, sourceJobId, targetJobId, ...edge }: Edge) => ({
    id,
    name: edgeLabel(graph, { id, sourceTriggerId, sourceJobId, targetJobId, ...edge }),
    fields: {
      ...plain(edge),
      source: sourceTriggerId
        ? (graph.triggers.find((trigger) => trigger.id === sourceTriggerId)?.type ?? sourceTriggerId)
        : jobName(graph, sourceJobId),
      target: jobName(graph, targetJobId),
    },
    code: null,
  }));

function items(
  before: WorkflowGraph,
  after: WorkflowGraph,
  viewsOf: (graph: WorkflowGraph) => View[],
  bounds: Bounds,
): ItemDifference[] {
  const old = new Map(viewsOf(before).map((view) => [view.id, view]));
  const young = new Map(viewsOf(after).map((view) => [view.id, view]));
  const found: ItemDifference[] = [];
  for (const id of new Set([...old.keys(), ...young.keys()])) {
    const item = differenceOfViews(old.get(id), young.get(id), bounds);
    if (!item) continue;
    if (bounds.items-- > 0) found.push(item);
    else bounds.isShortened = true;
  }
  return found;
}

function differenceOfViews(
  old: View | undefined,
  young: View | undefined,
  bounds: Bounds,
): ItemDifference | null {
  const view = young ?? old;
  if (!view) return null;
  const fields = changesOf(old?.fields ?? {}, young?.fields ?? {}, bounds);
  const code = differenceOfTexts(old?.code ?? "", young?.code ?? "", bounds.texts);
  if (code?.isShortened) bounds.isShortened = true;
  const { id, name } = view;
  const change = !old ? "added" : !young ? "removed" : "changed";
  if (change === "changed" && fields.length === 0 && !code) return null;
  return { id, name: clip(name, bounds), change, fields, code };
}

/** In the order of the newer; a field that a version does not know is one that is not set. */
function changesOf(before: Fields, after: Fields, bounds: Bounds): FieldChange[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((field) => {
    const [old, young] = [before[field] ?? null, after[field] ?? null];
    return old === young ? [] : [{ field, before: clip(old, bounds), after: clip(young, bounds) }];
  });
}

/** Edges are followed in their order, so one that stands elsewhere runs its job at another time. */
function orderOfEdges(before: WorkflowGraph, after: WorkflowGraph, bounds: Bounds): FieldChange[] {
  const common = (of: WorkflowGraph, other: WorkflowGraph) => {
    const ids = new Set(other.edges.map(({ id }) => id));
    return of.edges.filter(({ id }) => ids.has(id));
  };
  const [old, young] = [common(before, after), common(after, before)];
  if (old.every(({ id }, i) => id === young[i]?.id)) return [];
  const names = (graph: WorkflowGraph, edges: Edge[]) =>
    clip(edges.map((edge) => edgeLabel(graph, edge)).join(", "), bounds);
  return [{ field: "orderOfEdges", before: names(before, old), after: names(after, young) }];
}

function clip<T extends string | null>(text: T, bounds: Bounds): T;
function clip(text: string | null, bounds: Bounds): string | null {
  if (text === null || text.length <= maxChars) return text;
  bounds.isShortened = true;
  return `${text.slice(0, maxChars)}…`;
}
