import { describe, expect, test } from "vitest";
import { planGraph } from "@/components/workflows/layout";
import { addJob, setJob } from "@/lib/editor/edits";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { jobEdge, triggerEdge, workflow } from "@/lib/workflow/testing";
import { NodeMaker } from "./canvas-nodes";

/** A trigger with 200 jobs in 20 rows of ten. */
const ids = Array.from({ length: 200 }, (_, index) => `j${index}`);
const large = toDraft(
  workflow(
    ids,
    ids.map((id, index) => (index < 10 ? triggerEdge("t", id) : jobEdge(`j${index - 10}`, id))),
  ),
);
const noProblem = () => null;

function draw(maker: NodeMaker, draft: DraftGraph, selectedId: string | null = null) {
  return maker.nodes(draft, planGraph(draft), selectedId, noProblem);
}

/** How many nodes are drawn again. */
const drawn = (before: readonly unknown[], after: readonly unknown[]) => {
  const known = new Set(before);
  return after.filter((node) => !known.has(node)).length;
};

describe("of 200 jobs", () => {
  test("no node is drawn again when code is typed, one when a job is renamed, two when one is selected", () => {
    const maker = new NodeMaker();
    const first = draw(maker, large);
    const typed = setJob("j7", { body: "fn(state => state.data)" })(large);
    expect(drawn(first, draw(maker, typed))).toBe(0);
    const renamed = setJob("j7", { name: "Registry" })(typed);
    expect(drawn(first, draw(maker, renamed))).toBe(1);
    const one = draw(maker, renamed, "j7");
    expect(drawn(one, draw(maker, renamed, "j8"))).toBe(2);
  });

  test("a job that is added below the last row is the only one drawn", () => {
    const maker = new NodeMaker();
    const before = draw(maker, large);
    const after = addJob({ job: "new", edge: "e" }, { kind: "job", id: "j199" })(large);
    expect(drawn(before, draw(maker, after))).toBe(1);
  });
});
