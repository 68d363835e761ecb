import { mergeLines } from "@/lib/difference/merge";
import { sameValue } from "@/lib/workflow/same";
import type { Ask, Choice, Choices, Collision, Sides } from "./collision";
import type { DraftEdge, DraftGraph, Item } from "./graph";
import { type Gone, goneNodes, isLost, keptEdges } from "./merge-nodes";

export type Merged = { graph: DraftGraph; collisions: Collision[] };

/**
 * Merges two drafts that come from the same version: what one side alone changed is taken, what both changed alike is taken
 * once, code by its lines. What both changed otherwise is a collision, and nothing of either side is lost but by a choice. Of
 * sound drafts no edge leads nowhere. Where nodes stand is no collision: mine counts.
 */
export function mergeDrafts(
  base: DraftGraph,
  mine: DraftGraph,
  theirs: DraftGraph,
  choices: Choices = new Map(),
): Merged {
  const sides = { base, mine, theirs };
  const collisions: Collision[] = [];
  const ask: Ask = (collision) => {
    const choice = choices.get(collision.key) ?? null;
    collisions.push({ ...collision, choice });
    return choice;
  };
  const gone = goneNodes(sides, ask);
  const triggers = mergeNodes("trigger", listsOf(sides, "triggers"), triggerGroups, gone, ask).map(
    (trigger) =>
      gone.removed.has(trigger.cronCursorJobId ?? "") ? { ...trigger, cronCursorJobId: null } : trigger,
  );
  const jobs = mergeNodes("job", listsOf(sides, "jobs"), jobGroups, gone, ask);
  const edges = mergeEdges(sides, gone, ask);
  const settings = mergeFields({ kind: "workflow", id: null }, fieldsOf(sides), workflowGroups, ask);
  const positions = mergePositions(sides);
  return { graph: { ...mine, ...settings, positions, triggers, jobs, edges }, collisions };
}

type Fields = Record<string, unknown>;
/** Fields that mean something together, named by the first. */
type Groups = (sides: Sides<Fields | undefined>) => readonly (readonly string[])[];

const workflowGroups: Groups = () => [];
const triggerGroups: Groups = () => [["cronExpression", "timeZone"]];
const edgeGroups: Groups = () => [
  ["targetJobId", "sourceTriggerId", "sourceJobId"],
  ["conditionExpression", "conditionType"],
];
/** The code of a job that follows the library is what its entry says. */
const jobGroups: Groups = ({ base, mine, theirs }) => [
  ["projectCredentialId", "keychainCredentialId"],
  [base, mine, theirs].some((job) => job?.libraryJobId)
    ? ["libraryJobId", "libraryVersion", "body", "adaptor"]
    : ["libraryJobId", "libraryVersion"],
];

const elsewhere = ["triggers", "jobs", "edges", "positions"];
const settingsOf = (graph: DraftGraph): Fields =>
  Object.fromEntries(Object.entries(graph).filter(([field]) => !elsewhere.includes(field)));
const fieldsOf = ({ base, mine, theirs }: Sides): Sides<Fields> => ({
  base: settingsOf(base),
  mine: settingsOf(mine),
  theirs: settingsOf(theirs),
});

type Kind = "trigger" | "job" | "edge";
type Owner = { kind: Item["kind"]; id: string | null };
const keyOf = ({ kind, id }: Owner, field: string | null): string =>
  [kind === "workflow" ? kind : `${kind}s`, id, field].filter((part) => part !== null).join(".");

const listsOf = <K extends "triggers" | "jobs">(
  { base, mine, theirs }: Sides,
  list: K,
): Sides<DraftGraph[K]> => ({ base: base[list], mine: mine[list], theirs: theirs[list] });

function mergeNodes<T extends { id: string }>(
  kind: "trigger" | "job",
  lists: Sides<T[]>,
  groups: Groups,
  gone: Gone,
  ask: Ask,
): T[] {
  // Mine in their order, and behind them what theirs has besides.
  const ids = new Set([...lists.mine, ...lists.theirs].map(({ id }) => id));
  return [...ids].flatMap((id) => {
    if (gone.removed.has(id)) return [];
    const of = (list: T[]) => list.find((one) => one.id === id);
    const [base, mine, theirs] = [of(lists.base), of(lists.mine), of(lists.theirs)];
    if (mine && theirs) return [mergeItem({ kind, id }, { base, mine, theirs }, groups, ask)];
    return mine ?? theirs ?? [];
  });
}

function mergeEdges(sides: Sides, gone: Gone, ask: Ask): DraftEdge[] {
  const { mine, theirs } = keptEdges(sides, gone);
  const before = new Map(sides.base.edges.map((edge) => [edge.id, edge]));
  const merged = new Map<string, DraftEdge>();
  for (const id of new Set([...mine.keys(), ...theirs.keys()])) {
    const [base, ours, others] = [before.get(id), mine.get(id), theirs.get(id)];
    const edge =
      ours && others
        ? mergeItem({ kind: "edge", id }, { base, mine: ours, theirs: others }, edgeGroups, ask)
        : stillThere({ base, mine: ours, theirs: others }, ask);
    if (edge && !isLost(edge, gone)) merged.set(id, edge);
  }
  const order = orderOf(sides, ask);
  return [
    ...order.filter((id) => merged.has(id)),
    ...[...merged.keys()].filter((id) => !order.includes(id)),
  ].flatMap((id) => merged.get(id) ?? []);
}

/** An edge that one side has: new there, removed by the other one, or changed here and removed there. */
function stillThere({ base, mine, theirs }: Sides<DraftEdge | undefined>, ask: Ask): DraftEdge | undefined {
  const there = mine ?? theirs;
  if (!there || !base) return there;
  if (sameValue(there, base)) return undefined;
  const { id } = there;
  const key = keyOf({ kind: "edge", id }, null);
  const choice = ask({ key, item: "edge", itemId: id, field: null, base, mine, theirs });
  return choice === null ? there : { mine, theirs }[choice];
}

/** Edges are followed in their order. */
function orderOf({ base, mine, theirs }: Sides, ask: Ask): string[] {
  const ids = (graph: DraftGraph) => graph.edges.map(({ id }) => id);
  const lists = { base: ids(base), mine: ids(mine), theirs: ids(theirs) };
  const common = (list: string[]) =>
    list.filter((id) => lists.base.includes(id) && lists.mine.includes(id) && lists.theirs.includes(id));
  const [was, ours, others] = [common(lists.base), common(lists.mine), common(lists.theirs)];
  if (sameValue(ours, others) || sameValue(others, was)) return lists.mine;
  if (sameValue(ours, was)) return lists.theirs;
  const sides = { base: lists.base, mine: lists.mine, theirs: lists.theirs };
  const key = "workflow.orderOfEdges";
  const choice = ask({ key, item: "workflow", itemId: null, field: "orderOfEdges", ...sides });
  return lists[choice ?? "mine"];
}

function mergeItem<T extends { id: string }>(
  owner: { kind: Kind; id: string },
  { base, mine, theirs }: { base: T | undefined; mine: T; theirs: T },
  groups: Groups,
  ask: Ask,
): T {
  const sides = { base: base as Fields | undefined, mine: mine as Fields, theirs: theirs as Fields };
  // A trigger of another type is another thing: what its fields mean depends on it.
  if ([base, theirs].some((side) => side && Reflect.get(side, "type") !== Reflect.get(mine, "type")))
    return chosen(owner, "type", { base, mine, theirs }, ask);
  return { ...mine, ...mergeFields(owner, sides, groups, ask) };
}

function mergeFields(
  owner: Owner,
  sides: { base: Fields | undefined; mine: Fields; theirs: Fields },
  groups: Groups,
  ask: Ask,
): Fields {
  const { base, mine, theirs } = sides;
  const together = groups(sides);
  const result: Fields = {};
  for (const field of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    if (Object.hasOwn(result, field)) continue;
    const group = together.find((some) => some.includes(field));
    if (group) {
      const pick = (side: Fields | undefined) =>
        side && Object.fromEntries(group.map((one) => [one, side[one]]));
      const values = { base: pick(base), mine: pick(mine) ?? {}, theirs: pick(theirs) ?? {} };
      Object.assign(result, chosen(owner, group[0] ?? field, values, ask));
      continue;
    }
    const values = { base: base?.[field], mine: mine[field], theirs: theirs[field] };
    const merge = field === "body" ? mergeCode : chosen;
    result[field] = merge(owner, field, values, ask);
  }
  return result;
}

/** A value as a whole: of the side that changed it. */
function chosen<T>(
  owner: Owner,
  field: string,
  { base, mine, theirs }: { base: T | undefined; mine: T; theirs: T },
  ask: Ask,
): T {
  if (sameValue(mine, theirs) || sameValue(theirs, base)) return mine;
  if (sameValue(mine, base)) return theirs;
  const key = keyOf(owner, field);
  const choice = ask({ key, item: owner.kind, itemId: owner.id, field, base, mine, theirs });
  return choice === "theirs" ? theirs : mine;
}

/** By its lines: a choice is about those places alone that both changed otherwise. */
function mergeCode(owner: Owner, field: string, sides: Sides<unknown>, ask: Ask): unknown {
  const { base, mine, theirs } = sides;
  if (typeof mine !== "string" || typeof theirs !== "string") return chosen(owner, field, sides, ask);
  let choice: Choice | null | undefined;
  const key = keyOf(owner, field);
  return mergeLines(typeof base === "string" ? base : "", mine, theirs, (place) => {
    if (choice === undefined)
      choice = ask({ key, item: owner.kind, itemId: owner.id, field, base, mine, theirs });
    return choice === "theirs" ? place.theirs : place.yours;
  });
}

function mergePositions({ base, mine, theirs }: Sides): DraftGraph["positions"] {
  if (sameValue(mine.positions, theirs.positions) || sameValue(theirs.positions, base.positions))
    return mine.positions;
  if (sameValue(mine.positions, base.positions)) return theirs.positions;
  return { ...theirs.positions, ...mine.positions };
}
