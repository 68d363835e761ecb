import { ExactNumber, stringifyExact } from "@/lib/exact-json";
import type { WorkflowGraph } from "./types";

/** Says whether two graphs are the same version: the order of keys does not count, that of lists does. */
export const sameGraph = (a: WorkflowGraph, b: WorkflowGraph): boolean => canonical(a) === canonical(b);

/** The same of any two values of graphs. */
export const sameValue = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && canonical(a) === canonical(b));

const canonical = (value: unknown): string => stringifyExact(sorted(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object" || value instanceof ExactNumber) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
