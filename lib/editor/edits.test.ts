import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobEdge, trigger, triggerEdge, workflow } from "@/lib/workflow/testing";
import { validateGraph } from "@/lib/workflow/validate-graph";
import {
  addEdge,
  addJob,
  addTrigger,
  duplicateJob,
  insertJob,
  remove,
  setCondition,
  setEdge,
  setJob,
  setTrigger,
  setWorkflow,
} from "./edits";
import { type DraftGraph, toDraft, toGraph } from "./graph";
import { apply, begin, redo, undo } from "./history";
import { anyEdits } from "./testing";

const draft = (): DraftGraph =>
  toDraft(workflow(["a", "b"], [triggerEdge("t", "a"), jobEdge("a", "b")], [trigger("t")]));

describe("an edit", () => {
  test("that changes nothing leaves the same object", () => {
    const graph = draft();
    const same = [
      setJob("a", { name: "a" }),
      setJob("gone", { name: "x" }),
      setTrigger("t", { enabled: true }),
      setEdge("t->a", { enabled: true }),
      setWorkflow({ name: graph.name }),
      insertJob({ job: "n", edge: "e" }, "gone"),
      duplicateJob("gone", "copy", []),
      remove({ kind: "job", id: "gone" }),
    ];
    for (const edit of same) expect(edit(graph)).toBe(graph);
  });

  test("adds a job after a node, under a name of its own, on the usual condition", () => {
    const once = addJob({ job: "n", edge: "e" }, { kind: "trigger", id: "t" })(draft());
    const twice = addJob({ job: "m", edge: "f" }, { kind: "job", id: "n" })(once);
    expect(twice.jobs.map(({ name }) => name)).toEqual(["a", "b", "New job", "New job 2"]);
    expect(twice.edges.slice(2).map(({ conditionType }) => conditionType)).toEqual([
      "always",
      "on_job_success",
    ]);
    expect(validateGraph(toGraph(twice))).toEqual([]);
  });

  test("puts a job into an edge, whose condition stays before it", () => {
    const graph = insertJob({ job: "n", edge: "e" }, "a->b")(setCondition("a->b", "on_job_failure")(draft()));
    expect(
      graph.edges.map(({ sourceJobId, targetJobId, conditionType }) => [
        sourceJobId,
        targetJobId,
        conditionType,
      ]),
    ).toEqual([
      [null, "a", "always"],
      ["a", "n", "on_job_failure"],
      ["n", "b", "on_job_success"],
    ]);
  });

  test("makes a second job like one, after the same nodes, with nothing after it", () => {
    const graph = duplicateJob("b", "copy", ["e"])(draft());
    expect(graph.jobs[2]).toEqual({ ...graph.jobs[1], id: "copy", name: "b copy" });
    expect(graph.edges[2]).toEqual({ ...graph.edges[1], id: "e", targetJobId: "copy" });
    const long = setJob("b", { name: "n".repeat(200) })(draft());
    expect(duplicateJob("b", "copy", ["e"])(long).jobs[2]?.name.length).toBeLessThanOrEqual(200);
  });

  test("removes a node with its edges, its place and what starts with its state", () => {
    const cron = setTrigger("t", { cronCursorJobId: "a" })(draft());
    const placed = { ...cron, positions: { a: { x: 1, y: 2 }, b: { x: 3, y: 4 } } };
    const graph = remove({ kind: "job", id: "a" })(placed);
    expect(graph).toMatchObject({ edges: [], positions: { b: { x: 3, y: 4 } } });
    expect(graph.positions).not.toHaveProperty("a");
    expect(graph.triggers[0]?.cronCursorJobId).toBeNull();
  });

  test("keeps an expression only where it is asked", () => {
    const asked = setEdge("a->b", { conditionType: "js_expression", conditionExpression: "true" })(draft());
    const graph = setCondition("a->b", "always")(asked);
    expect(graph.edges[1]).toMatchObject({ conditionType: "always", conditionExpression: null });
  });

  test("draws an edge and adds a trigger that is switched off", () => {
    const graph = addEdge("e", { kind: "trigger", id: "u" }, "b")(addTrigger("u", "cron")(draft()));
    expect(graph.triggers[1]).toMatchObject({ id: "u", type: "cron", enabled: false });
    expect(graph.edges[2]).toMatchObject({ sourceTriggerId: "u", targetJobId: "b", conditionType: "always" });
  });
});

describe("whatever is done to a draft", () => {
  test("never leaves an edge that begins or ends nowhere", () => {
    fc.assert(
      fc.property(anyEdits, (edits) => {
        const graph = edits.reduce((now, edit) => edit(now), draft());
        const ids = new Set([...graph.triggers, ...graph.jobs].map(({ id }) => id));
        for (const edge of graph.edges) {
          expect(ids).toContain(edge.sourceJobId ?? edge.sourceTriggerId);
          expect(ids).toContain(edge.targetJobId);
        }
      }),
    );
  });

  test("is undone to the beginning, and done again to where it was", () => {
    fc.assert(
      fc.property(anyEdits, (edits) => {
        const first = draft();
        let history = edits.reduce((now, edit) => apply(now, edit), begin(first));
        const last = history.now;
        const steps = history.past.length;
        for (let back = undo(history); back; back = undo(history)) history = back;
        expect(history.now).toBe(first);
        expect(history.future).toHaveLength(steps);
        for (let forth = redo(history); forth; forth = redo(history)) history = forth;
        expect(history.now).toBe(last);
      }),
    );
  });

  test("is one step where one field is typed, and another begins with the next field", () => {
    const type = (name: string) => setJob("a", { name });
    let history = begin(draft());
    for (const name of ["R", "Re", "Reg"]) history = apply(history, type(name), "job:a:name");
    history = apply(history, setJob("b", { name: "B" }), "job:b:name");
    history = apply(history, type("Regi"), "job:a:name");
    expect(history.past).toHaveLength(3);
    expect(undo(history)?.now.jobs[0]?.name).toBe("Reg");
  });

  test("forgets what was undone at the next edit, and no more than 200 steps are kept", () => {
    let history = apply(begin(draft()), setJob("a", { name: "x" }));
    history = apply(undo(history) ?? history, setJob("a", { name: "y" }));
    expect(redo(history)).toBeNull();
    for (let n = 0; n < 300; n++) history = apply(history, setJob("a", { name: `n${n}` }));
    expect(history.past).toHaveLength(200);
  });
});
