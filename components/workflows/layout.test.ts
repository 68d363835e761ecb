import { describe, expect, test } from "vitest";
import { plainJob, plainTrigger, plainWorkflow } from "@/lib/workflow/complete";
import type { Edge, WorkflowGraph } from "@/lib/workflow/types";
import { edgeWords } from "./edge-words";
import { layoutGraph, nodeSize } from "./layout";

const edge = (id: string, source: { trigger: string } | { job: string }, target: string): Edge => ({
  id,
  sourceTriggerId: "trigger" in source ? source.trigger : null,
  sourceJobId: "job" in source ? source.job : null,
  targetJobId: target,
  conditionType: "always",
  conditionExpression: null,
  conditionLabel: null,
  enabled: true,
});
const job = (id: string) => ({
  id,
  name: id,
  body: "",
  adaptor: "",
  adaptorVersion: "",
  projectCredentialId: null,
  ...plainJob,
});
const graph: WorkflowGraph = {
  name: "w",
  ...plainWorkflow,
  concurrency: null,
  triggers: [
    {
      id: "t",
      type: "webhook",
      enabled: true,
      inclusion: null,
      exclusion: null,
      cronExpression: null,
      cronCursorJobId: null,
      webhookReply: null,
      webhookResponseConfig: null,
      ...plainTrigger,
    },
  ],
  jobs: [job("a"), job("b"), job("c")],
  edges: [edge("1", { trigger: "t" }, "a"), edge("2", { job: "a" }, "b"), edge("3", { job: "a" }, "c")],
  positions: null,
};

describe("the canvas", () => {
  test("lays nodes out from the trigger down without laying one over another", () => {
    const places = layoutGraph(graph);
    const at = (id: string) => places.get(id) ?? { x: Number.NaN, y: Number.NaN };
    expect(at("t").y).toBeLessThan(at("a").y);
    expect(at("a").y).toBeLessThan(at("b").y);
    expect(at("b").y).toBe(at("c").y);
    expect(Math.abs(at("b").x - at("c").x)).toBeGreaterThanOrEqual(nodeSize.width);
  });

  test("keeps saved places when every node has one", () => {
    const positions = Object.fromEntries(["t", "a", "b", "c"].map((id, index) => [id, { x: index, y: 7 }]));
    expect(layoutGraph({ ...graph, positions }).get("b")).toEqual({ x: 2, y: 7 });
    expect(layoutGraph({ ...graph, positions: { t: { x: 1, y: 1 } } }).get("t")).not.toEqual({ x: 1, y: 1 });
  });

  test("places jobs that nothing leads to", () => {
    expect(layoutGraph({ ...graph, edges: [] }).size).toBe(4);
  });

  test("says an edge's condition by its label, and that it is switched off", () => {
    const expression: Edge = {
      ...edge("4", { job: "a" }, "b"),
      conditionType: "js_expression",
      conditionExpression: "state.data.ok",
    };
    expect(edgeWords(expression)).toBe("state.data.ok");
    expect(edgeWords({ ...expression, conditionLabel: "is ok", enabled: false })).toBe(
      "is ok (switched off)",
    );
    expect(
      edgeWords({ ...edge("5", { job: "a" }, "b"), conditionType: "on_job_failure", conditionLabel: "tell" }),
    ).toBe("on failure: tell");
  });
});
