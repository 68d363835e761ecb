import { describe, expect, it } from "vitest";
import { decideEdges, expressionsFrom, follows } from "./conditions";
import { jobEdge, triggerEdge, workflow } from "./testing";

const js = { conditionType: "js_expression", conditionExpression: "state.x" } as const;
const graph = workflow(
  ["a", "b", "c", "d", "e", "f"],
  [
    triggerEdge("t", "a", js),
    jobEdge("a", "b", "always"),
    jobEdge("a", "c", "on_job_success"),
    jobEdge("a", "d", "on_job_failure"),
    jobEdge("a", "e", "js_expression", js),
    jobEdge("a", "f", "always", { enabled: false }),
  ],
);
const decide = (reason: Parameters<typeof decideEdges>[2], e?: boolean | { message: string }) =>
  decideEdges(graph, { jobId: "a" }, reason, e === undefined ? {} : { "a->e": e });

describe("edges after a step", () => {
  it("follow always, success and a true expression after success", () => {
    expect(decide("success", true)).toEqual({ takenEdgeIds: ["a->b", "a->c", "a->e"] });
    expect(decide("success", false)).toEqual({ takenEdgeIds: ["a->b", "a->c"] });
  });

  it("follow always, failure and a true expression after a failure", () => {
    expect(decide("fail", true)).toEqual({ takenEdgeIds: ["a->b", "a->d", "a->e"] });
  });

  it.each(["crash", "kill", "exception", "lost", "cancel"] as const)(
    "are not followed after %s",
    (reason) => {
      expect(decide(reason, true)).toEqual({ takenEdgeIds: [] });
      for (const edge of graph.edges) expect(follows(edge, reason, true)).toBe(false);
    },
  );

  it("cannot be decided when an expression threw or was not evaluated", () => {
    const error = { message: "x is not defined" };
    expect(decide("success", error)).toEqual({ undecided: { edgeId: "a->e", error } });
    expect(decide("success")).toEqual({ undecided: { edgeId: "a->e", error: null } });
  });

  it("name the expressions to evaluate, those of disabled edges left out", () => {
    expect(expressionsFrom(graph, { jobId: "a" })).toEqual([{ edgeId: "a->e", expression: "state.x" }]);
    expect(expressionsFrom(graph, { triggerId: "t" })).toEqual([{ edgeId: "t->a", expression: "state.x" }]);
  });

  it("leave a trigger as they leave a step that succeeded", () => {
    expect(decideEdges(graph, { triggerId: "t" }, "success", { "t->a": true })).toEqual({
      takenEdgeIds: ["t->a"],
    });
  });
});
