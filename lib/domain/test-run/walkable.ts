import { type DraftGraph, toGraph } from "@/lib/editor/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { validateGraph } from "@/lib/workflow/validate-graph";
import type { TestNote } from "./types";

/** A draft as far as it can be run: what cannot is left out or marked, and said. */
export type Walkable = {
  graph: WorkflowGraph;
  /** Job id → why it cannot run. */
  broken: ReadonlyMap<string, string>;
  notes: TestNote[];
};

/** What an edge has to be right in to be followed. */
const edgeFields = [
  "source",
  "sourceTriggerId",
  "sourceJobId",
  "targetJobId",
  "conditionType",
  "conditionExpression",
];
const jobFields = ["body", "keychainCredentialId"];

/** Pins, by job; a job without one has no adaptor that could be had. */
export type TestPins = Record<string, string | null>;

/** The draft without the edges that nobody could follow, its adaptors pinned, and which of its jobs cannot run. */
export function walkable(draft: DraftGraph, pins: TestPins): Walkable {
  const whole = toGraph(draft);
  const problems = validateGraph(whole);
  const dropped = new Map<string, string>();
  const broken = new Map<string, string>();
  for (const { item, itemId, field, message } of problems) {
    if (itemId === null) continue;
    if (item === "edge" && edgeFields.includes(field) && !isUnobeyed(whole, itemId, field))
      dropped.set(itemId, message);
    if (item === "job" && jobFields.includes(field)) broken.set(itemId, message);
  }
  return {
    graph: {
      ...whole,
      jobs: whole.jobs.map((job) => ({ ...job, adaptorVersion: pins[job.id] ?? null })),
      edges: whole.edges.filter(({ id }) => !dropped.has(id)),
    },
    broken,
    notes: [...dropped].map(([itemId, message]) => ({
      item: "edge",
      itemId,
      message: `This edge was not followed: ${message}`,
    })),
  };
}

/** An expression that nobody asks says nothing about where the edge leads. */
const isUnobeyed = ({ edges }: WorkflowGraph, id: string, field: string): boolean =>
  field === "conditionExpression" &&
  edges.some((edge) => edge.id === id && edge.conditionType !== "js_expression");
