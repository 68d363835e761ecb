import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addJob } from "@/lib/editor/edits";
import { toDraft } from "@/lib/editor/graph";
import { anyEdits } from "@/lib/editor/testing";
import { plainJob, plainTrigger, plainWorkflow } from "@/lib/workflow/complete";
import type { Edge, WorkflowGraph } from "@/lib/workflow/types";
import { edgeWords } from "./edge-words";
import { nodeSize, planGraph } from "./layout";

const layoutGraph = (graph: WorkflowGraph) => planGraph(graph).places;

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

  test("leads an edge over several rows past the nodes between", () => {
    const { places, bends } = planGraph({
      ...graph,
      edges: [...graph.edges, edge("4", { job: "b" }, "c"), edge("5", { trigger: "t" }, "c")],
    });
    const lane = bends.get("5") ?? [];
    expect([...bends.keys()].sort()).toEqual(["3", "5"]);
    expect(lane).toHaveLength(4);
    for (const { x, y } of lane)
      for (const place of places.values()) {
        const isBeside = x < place.x || x > place.x + nodeSize.width;
        expect(isBeside || y < place.y || y > place.y + nodeSize.height).toBe(true);
      }
  });

  test("stays as it is where a job is added: nothing changes its row or its order, and moves but to the right", () => {
    const start = toDraft({ ...graph });
    fc.assert(
      fc.property(anyEdits, fc.nat(30), (edits, which) => {
        const before = edits.reduce((now, edit) => edit(now), start);
        const nodes = [
          ...before.triggers.map(({ id }) => ({ kind: "trigger" as const, id })),
          ...before.jobs.map(({ id }) => ({ kind: "job" as const, id })),
        ];
        const after = addJob({ job: "new", edge: "new edge" }, nodes[which % nodes.length] ?? null)(before);
        const [old, now] = [planGraph(before).places, planGraph(after).places];
        const added = now.get("new") ?? { x: 0, y: 0 };
        for (const [id, { x, y }] of old) {
          const place = now.get(id) ?? { x: Number.NaN, y: Number.NaN };
          expect(place.y).toBe(y);
          expect(place.x).toBeGreaterThanOrEqual(x);
          if (y === added.y && place.x < added.x) expect(place.x).toBe(x);
        }
        const inOrder = (places: typeof old) =>
          [...places]
            .filter(([id]) => id !== "new")
            .sort(([, a], [, b]) => a.y - b.y || a.x - b.x)
            .map(([id]) => id);
        expect(inOrder(now)).toEqual(inOrder(old));
      }),
    );
  });

  test("lays no node over another, whatever is built", () => {
    const start = toDraft({ ...graph });
    fc.assert(
      fc.property(anyEdits, (edits) => {
        const { places } = planGraph(edits.reduce((now, edit) => edit(now), start));
        const all = [...places.values()];
        for (const [index, one] of all.entries())
          for (const other of all.slice(index + 1))
            expect(one.y !== other.y || Math.abs(one.x - other.x) >= nodeSize.width).toBe(true);
      }),
    );
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
