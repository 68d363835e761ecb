import fc from "fast-check";
import { addEdge, addJob, addTrigger, duplicateJob, type Edit, insertJob, remove, setJob } from "./edits";
import type { DraftGraph } from "./graph";

type Seed = { act: (typeof acts)[number]; one: number; other: number; id: string };

const acts = ["addJob", "addTrigger", "addEdge", "insert", "duplicate", "remove", "rename"] as const;

/** Any acts of somebody who builds, on whatever nodes there are by then. */
export const anyEdits: fc.Arbitrary<Edit[]> = fc
  .array(fc.record({ act: fc.constantFrom(...acts), one: fc.nat(50), other: fc.nat(50), id: fc.uuid() }), {
    maxLength: 40,
  })
  .map((seeds) =>
    seeds.map(
      (seed): Edit =>
        (graph) =>
          editOf(seed, graph)(graph),
    ),
  );

const nothing: Edit = (graph) => graph;

function editOf({ act, one, other, id }: Seed, graph: DraftGraph): Edit {
  const nodes = [
    ...graph.triggers.map((trigger) => ({ kind: "trigger" as const, id: trigger.id })),
    ...graph.jobs.map((job) => ({ kind: "job" as const, id: job.id })),
  ];
  const node = nodes[one % nodes.length];
  const job = graph.jobs[other % graph.jobs.length];
  const edge = graph.edges[one % graph.edges.length];
  const edgeId = `edge-${id}`;
  switch (act) {
    case "addJob":
      return addJob({ job: id, edge: edgeId }, node ?? null);
    case "addTrigger":
      return addTrigger(id, "cron");
    case "addEdge":
      return node && job ? addEdge(edgeId, node, job.id) : nothing;
    case "insert":
      return edge ? insertJob({ job: id, edge: edgeId }, edge.id) : nothing;
    case "duplicate":
      return job
        ? duplicateJob(
            job.id,
            id,
            graph.edges.map((_, index) => `${edgeId}-${index}`),
          )
        : nothing;
    case "remove":
      return node ? remove(node) : nothing;
    case "rename":
      return job ? setJob(job.id, { name: id }) : nothing;
    default:
      return act satisfies never;
  }
}
