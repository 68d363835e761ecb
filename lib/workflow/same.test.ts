import { expect, it } from "vitest";
import { sameGraph } from "./same";
import { jobEdge, workflow } from "./testing";

const graph = workflow(["a", "b"], [jobEdge("a", "b")]);

it("takes graphs for the same whatever the order of their keys, as jsonb gives them back", () => {
  const { name, ...rest } = structuredClone(graph);
  expect(sameGraph(graph, { ...rest, name })).toBe(true);
});

it("tells graphs apart by any value and by the order in which edges are walked", () => {
  expect(sameGraph(graph, { ...graph, concurrency: 1 })).toBe(false);
  expect(sameGraph(graph, { ...graph, jobs: [...graph.jobs].reverse() })).toBe(false);
});
