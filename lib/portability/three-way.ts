import { isDeepStrictEqual } from "node:util";
import { mergeLines } from "@/lib/difference/merge";
import { blockOf, type Conflict } from "./conflict";
import { own } from "./merge-items";
import { restoreReferences } from "./merge-references";
import { isRecord } from "./reader";
import type { ProjectSpec } from "./spec";

/** What was merged. With conflicts, no side's work is lost: it is in the result, or in its conflict. */
export type MergedSpec = { spec: ProjectSpec; conflicts: Conflict[] };

/**
 * Merges two versions of a project by the keys of its things, down to their fields, and code by its lines. `base` is
 * what both came from, null where nobody knows: then nothing counts as taken away. What one side took away and the other
 * changed, or uses, stays, and is a conflict; of a field that both changed yours stays.
 */
export function mergeSpecs(base: ProjectSpec | null, yours: ProjectSpec, theirs: ProjectSpec): MergedSpec {
  const conflicts: Conflict[] = [];
  const merged = mergeThing(shapes.project, { base: base ?? undefined, yours, theirs }, [], conflicts);
  const spec = asSpec(merged);
  restoreReferences(spec, { base, yours, theirs }, conflicts);
  return { spec, conflicts };
}

/** Every field of the result is one of a spec's. */
const asSpec = (merged: Thing): ProjectSpec => merged as ProjectSpec;

type Thing = Record<string, unknown>;
type Sides = { base: Thing | undefined; yours: Thing; theirs: Thing };

/** How the fields of a thing are merged; those that are not named, each by itself. */
type Shape = {
  /** Maps of things. */
  maps?: Record<string, Shape>;
  /** Code. */
  lines?: readonly string[];
  /** Fields that mean something together only. */
  together?: readonly (readonly string[])[];
  /** A field on which it depends what the others mean: where it changed the thing is merged as a whole. */
  kind?: string;
};

const job: Shape = {
  lines: ["body"],
  together: [
    ["credential", "keychain"],
    ["libraryEntry", "libraryVersion"],
  ],
};
const edge: Shape = {
  together: [
    ["sourceTrigger", "sourceJob", "targetJob"],
    ["conditionType", "conditionExpression"],
  ],
};
const workflow: Shape = { maps: { jobs: job, triggers: { kind: "type" }, edges: edge } };
const shapes = {
  project: {
    maps: {
      credentials: { together: [["name", "owner"]] },
      keychains: {},
      collections: {},
      workflows: workflow,
    },
  },
} satisfies Record<string, Shape>;

function mergeThing(
  shape: Shape,
  { base, yours, theirs }: Sides,
  path: string[],
  conflicts: Conflict[],
): Thing {
  const { maps = {}, lines = [], together = [], kind } = shape;
  const isOther = kind !== undefined && !same([base, yours, theirs].map((side) => side?.[kind]));
  if (isOther) return asThing(choose({ base, yours, theirs }, path, conflicts));
  const result: Thing = {};
  const fields = new Set([...Object.keys(yours), ...Object.keys(theirs)]);
  for (const field of fields) {
    if (Object.hasOwn(result, field)) continue;
    const [was, mine, other] = [base?.[field], yours[field], theirs[field]];
    const at = [...path, field];
    const shapeOfItems = own(maps, field);
    if (shapeOfItems)
      result[field] = mergeMap(
        shapeOfItems,
        { base: asThing(was), yours: asThing(mine), theirs: asThing(other) },
        at,
        conflicts,
      );
    else if (lines.includes(field))
      result[field] = mergeCode({ base: was, yours: mine, theirs: other }, at, conflicts);
    else {
      const group = together.find((some) => some.includes(field)) ?? [field];
      const pick = (side: Thing | undefined) =>
        side && Object.fromEntries(group.map((one) => [one, side[one]]));
      const found = choose(
        { base: pick(base), yours: pick(yours), theirs: pick(theirs) },
        [...path, group.join(", ")],
        conflicts,
      );
      Object.assign(result, found);
    }
  }
  return result;
}

const asThing = (value: unknown): Thing => (isRecord(value) ? value : {});

const same = (values: unknown[]): boolean => values.every((value) => isDeepStrictEqual(value, values[0]));

/** A value as a whole: the side's that changed it, yours where both did. */
function choose(
  { base, yours, theirs }: { base: unknown; yours: unknown; theirs: unknown },
  path: string[],
  conflicts: Conflict[],
): unknown {
  if (isDeepStrictEqual(yours, theirs) || isDeepStrictEqual(base, theirs)) return yours;
  if (isDeepStrictEqual(base, yours)) return theirs;
  conflicts.push({ path, base, yours, theirs, kept: "yours" });
  return yours;
}

function mergeMap(
  shape: Shape,
  { base, yours, theirs }: { base: Thing; yours: Thing; theirs: Thing },
  path: string[],
  conflicts: Conflict[],
): Thing {
  const entries: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(yours), ...Object.keys(theirs)])) {
    const [was, mine, other] = [own(base, key), own(yours, key), own(theirs, key)];
    const at = [...path, key];
    if (mine !== undefined && other !== undefined) {
      const sides = { base: isRecord(was) ? was : undefined, yours: asThing(mine), theirs: asThing(other) };
      entries.push([key, mergeThing(shape, sides, at, conflicts)]);
      continue;
    }
    const [there, kept] = mine === undefined ? ([other, "theirs"] as const) : ([mine, "yours"] as const);
    if (was !== undefined && isDeepStrictEqual(was, there)) continue;
    if (was !== undefined) conflicts.push({ path: at, base: was, yours: mine, theirs: other, kept });
    entries.push([key, there]);
  }
  return Object.fromEntries(entries);
}

function mergeCode(
  { base, yours, theirs }: { base: unknown; yours: unknown; theirs: unknown },
  path: string[],
  conflicts: Conflict[],
): unknown {
  if (typeof yours !== "string" || typeof theirs !== "string")
    return choose({ base, yours, theirs }, path, conflicts);
  let isConflict = false;
  const text = mergeLines(typeof base === "string" ? base : "", yours, theirs, (place) => {
    isConflict = true;
    return blockOf(place);
  });
  if (isConflict) conflicts.push({ path, base, yours, theirs, kept: "both" });
  return text;
}
