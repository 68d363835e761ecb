import { expect, test } from "vitest";
import { setJob, setWorkflow } from "@/lib/editor/edits";
import { toDraft } from "@/lib/editor/graph";
import { triggerEdge, workflow } from "@/lib/workflow/testing";
import { joined } from "./joined";

const common = toDraft(workflow(["a", "b"], [triggerEdge("t", "a")]));

test("what two windows changed apart is in it, without a question", () => {
  const { ours, theirs, collisions } = joined(
    common,
    setJob("a", { name: "here" })(common),
    setJob("b", { name: "there" })(common),
  );
  expect(collisions).toEqual([]);
  expect(ours).toEqual(theirs);
  expect(ours.jobs.map(({ name }) => name)).toEqual(["here", "there"]);
});

test("where both changed the same, either can be had, with all else of both", () => {
  const here = setJob("b", { name: "ours" })(setWorkflow({ name: "here" })(common));
  const there = setJob("a", { name: "theirs" })(setWorkflow({ name: "there" })(common));
  const { ours, theirs, collisions } = joined(common, here, there);
  expect(collisions.map(({ key }) => key)).toEqual(["workflow.name"]);
  expect([ours.name, theirs.name]).toEqual(["here", "there"]);
  for (const graph of [ours, theirs]) expect(graph.jobs.map(({ name }) => name)).toEqual(["theirs", "ours"]);
});
