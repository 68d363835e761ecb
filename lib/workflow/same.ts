import type { WorkflowGraph } from "./types";

/** Says whether two graphs are the same version: the order of keys does not count, that of lists does. */
export const sameGraph = (a: WorkflowGraph, b: WorkflowGraph): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    one !== null && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
