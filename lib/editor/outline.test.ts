import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobEdge, trigger, triggerEdge, workflow } from "@/lib/workflow/testing";
import { addJob, addTrigger, duplicateJob, insertJob } from "./edits";
import { toDraft } from "./graph";
import { outlineRows } from "./outline";
import { anyEdits } from "./testing";

const draft = toDraft(
  workflow(
    ["c", "alone", "b", "a"],
    [triggerEdge("t", "a"), jobEdge("a", "b"), jobEdge("a", "c"), jobEdge("b", "c")],
    [trigger("t")],
  ),
);

describe("the outline", () => {
  test("has the workflow, what starts it, then each job as a run may reach it, with what leads to it", () => {
    expect(outlineRows(draft).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      "workflow null",
      "trigger t",
      "job a",
      "edge t->a",
      "job b",
      "edge a->b",
      "job c",
      "edge a->c",
      "edge b->c",
      "job alone",
    ]);
  });

  test("has everything of the draft once, whatever is built", () => {
    fc.assert(
      fc.property(anyEdits, (edits) => {
        const graph = edits.reduce((now, edit) => edit(now), draft);
        const ids = [...graph.triggers, ...graph.jobs, ...graph.edges].map(({ id }) => id);
        const rows = outlineRows(graph).flatMap(({ id }) => (id === null ? [] : [id]));
        expect(rows.sort()).toEqual(ids.sort());
      }),
    );
  });
});

test("a node that is added where somebody has chosen places stands below its source, over no other one", () => {
  const places = { t: { x: 0, y: 0 }, a: { x: 0, y: 124 }, b: { x: 0, y: 248 } };
  const placed = { ...draft, positions: places };
  const adds = [
    addJob({ job: "n", edge: "e" }, { kind: "job", id: "a" }),
    addJob({ job: "n", edge: "e" }, null),
    insertJob({ job: "n", edge: "e" }, "t->a"),
    duplicateJob("a", "n", ["e"]),
    addTrigger("n", "cron"),
  ];
  for (const add of adds) {
    const { n, ...others } = add(placed).positions ?? {};
    expect(others).toEqual(places);
    for (const { x, y } of Object.values(others))
      expect(Math.abs(x - (n?.x ?? x)) >= 208 || Math.abs(y - (n?.y ?? y)) >= 60).toBe(true);
  }
  expect(adds[0]?.(placed).positions?.n).toEqual({ x: 252, y: 248 });
  expect(adds[0]?.(draft).positions).toBeNull();
});
