import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameValue } from "@/lib/workflow/same";
import { job, jobEdge, trigger, triggerEdge, workflow } from "@/lib/workflow/testing";
import type { Choice } from "./collision";
import { addEdge, addJob, type Edit, remove, setEdge, setJob, setTrigger, setWorkflow } from "./edits";
import { type DraftGraph, toDraft } from "./graph";
import { mergeDrafts } from "./merge";
import { anyEdits } from "./testing";

const code = (last: string) => `fn(one);\nfn(two);\nfn(three);\nfn(${last});`;
const base = (): DraftGraph =>
  toDraft(
    workflow(
      [job("a", code("four")), "b", "c"],
      [triggerEdge("t", "a"), jobEdge("a", "b"), jobEdge("b", "c")],
      [trigger("t")],
    ),
  );
const edited = (...edits: Edit[]) => edits.reduce((graph, edit) => edit(graph), base());
const merge = (mine: Edit[], theirs: Edit[], choices: Record<string, Choice> = {}) =>
  mergeDrafts(base(), edited(...mine), edited(...theirs), new Map(Object.entries(choices)));
const jobOf = ({ jobs }: DraftGraph, id: string) => jobs.find((one) => one.id === id);

describe("what one side alone changed", () => {
  test("is taken, whichever side it was, down to the field", () => {
    const { graph, collisions } = merge(
      [setJob("a", { name: "Mine" }), setWorkflow({ name: "My name" })],
      [setJob("a", { adaptor: "@openfn/language-http@latest" }), setEdge("a->b", { enabled: false })],
    );
    expect(collisions).toEqual([]);
    expect(jobOf(graph, "a")).toMatchObject({ name: "Mine", adaptor: "@openfn/language-http@latest" });
    expect(graph).toMatchObject({ name: "My name", edges: [{}, { id: "a->b", enabled: false }, {}] });
  });

  test("merges code by its lines where the places differ", () => {
    const { graph, collisions } = merge(
      [setJob("a", { body: code("mine") })],
      [setJob("a", { body: code("four").replace("one", "theirs") })],
    );
    expect(collisions).toEqual([]);
    expect(jobOf(graph, "a")?.body).toBe("fn(theirs);\nfn(two);\nfn(three);\nfn(mine);");
  });

  test("adds and removes nodes with their edges", () => {
    const { graph, collisions } = merge(
      [addJob({ job: "m", edge: "a->m" }, { kind: "job", id: "a" })],
      [remove({ kind: "job", id: "c" }), addJob({ job: "n", edge: "b->n" }, { kind: "job", id: "b" })],
    );
    expect(collisions).toEqual([]);
    expect(graph.jobs.map(({ id }) => id).sort()).toEqual(["a", "b", "m", "n"]);
    expect(graph.edges.map(({ id }) => id)).toEqual(["t->a", "a->b", "a->m", "b->n"]);
  });
});

test("what both changed alike collides with nothing", () => {
  const both = [setJob("a", { name: "Same", body: "same" }), remove({ kind: "job", id: "c" })];
  const { graph, collisions } = merge(both, both);
  expect([graph, collisions]).toEqual([edited(...both), []]);
});

describe("what both changed otherwise", () => {
  test("collides: mine stands until somebody chooses", () => {
    const [mine, theirs] = [[setJob("a", { name: "Mine" })], [setJob("a", { name: "Theirs" })]];
    const asked = merge(mine, theirs);
    const key = "jobs.a.name";
    expect(asked.collisions).toEqual([
      {
        key,
        item: "job",
        itemId: "a",
        field: "name",
        base: "a",
        mine: "Mine",
        theirs: "Theirs",
        choice: null,
      },
    ]);
    expect(jobOf(asked.graph, "a")?.name).toBe("Mine");
    expect(jobOf(merge(mine, theirs, { [key]: "mine" }).graph, "a")?.name).toBe("Mine");
    expect(jobOf(merge(mine, theirs, { [key]: "theirs" }).graph, "a")?.name).toBe("Theirs");
  });

  test("in code is decided where both changed the same lines, and nowhere else", () => {
    const mine = [setJob("a", { body: code("mine").replace("one", "first") })];
    const theirs = [setJob("a", { body: code("theirs") })];
    const key = "jobs.a.body";
    expect(merge(mine, theirs).collisions.map((one) => one.key)).toEqual([key]);
    expect(jobOf(merge(mine, theirs, { [key]: "theirs" }).graph, "a")?.body).toBe(
      "fn(first);\nfn(two);\nfn(three);\nfn(theirs);",
    );
  });

  test("means something together only: where an edge leads, when it is followed, what a job signs in with", () => {
    const moved = merge([setEdge("a->b", { targetJobId: "c" })], [setEdge("a->b", { sourceJobId: "c" })]);
    expect(moved.collisions.map(({ key }) => key)).toEqual(["edges.a->b.targetJobId"]);
    const asked = merge(
      [setEdge("a->b", { conditionType: "js_expression", conditionExpression: "true" })],
      [setEdge("a->b", { conditionType: "always" })],
    );
    expect(asked.collisions.map(({ key }) => key)).toEqual(["edges.a->b.conditionExpression"]);
    const signing = merge(
      [setJob("a", { projectCredentialId: "x" })],
      [setJob("a", { keychainCredentialId: "y" })],
    );
    expect(signing.collisions.map(({ key }) => key)).toEqual(["jobs.a.projectCredentialId"]);
    const timed = merge(
      [setTrigger("t", { timeZone: "Africa/Nairobi" })],
      [setTrigger("t", { cronExpression: "0 6 * * *" })],
    );
    expect(timed.collisions.map(({ key }) => key)).toEqual(["triggers.t.cronExpression"]);
  });

  test("keeps the code of a library job with its entry's version", () => {
    const ofEntry = (version: number, body: string) =>
      setJob("a", { libraryJobId: "entry", libraryVersion: version, body });
    const start = edited(ofEntry(1, "one"));
    const [mine, theirs] = [
      ofEntry(2, "two")(start),
      setJob("a", { libraryJobId: null, libraryVersion: null, body: "own" })(start),
    ];
    for (const choice of ["mine", "theirs"] as const) {
      const { graph, collisions } = mergeDrafts(
        start,
        mine,
        theirs,
        new Map([["jobs.a.libraryJobId", choice]]),
      );
      expect(collisions).toHaveLength(1);
      expect(jobOf(graph, "a")).toEqual(jobOf({ mine, theirs }[choice], "a"));
    }
  });

  test("of a trigger that became another type is the whole of it", () => {
    const { collisions } = merge(
      [setTrigger("t", { type: "cron", cronExpression: "0 6 * * *" })],
      [setTrigger("t", { takesGet: true })],
    );
    expect(collisions.map(({ key }) => key)).toEqual(["triggers.t.type"]);
  });
});

describe("removing what the other one changed or uses", () => {
  const rid = [remove({ kind: "job", id: "b" })];
  const uses: Record<string, Edit[]> = {
    "changed it": [setJob("b", { name: "Changed" })],
    "leads to it": [addEdge("t->b", { kind: "trigger", id: "t" }, "b")],
    "leads away from it": [addJob({ job: "n", edge: "b->n" }, { kind: "job", id: "b" })],
    "changed the way to it": [setEdge("a->b", { conditionType: "always" })],
    "begins with its state": [setTrigger("t", { cronCursorJobId: "b" })],
  };

  test.each(Object.entries(uses))("collides when the other one %s, from both sides", (_, use) => {
    for (const remover of ["mine", "theirs"] as const) {
      const keeper: Choice = remover === "mine" ? "theirs" : "mine";
      const of = (choices: Record<string, Choice>) =>
        remover === "mine" ? merge(rid, use, choices) : merge(use, rid, choices);
      const key = "jobs.b";
      expect(of({}).collisions).toMatchObject([
        { key, item: "job", itemId: "b", field: null, [remover]: undefined },
      ]);
      // It is there, with all that was around it, until somebody chooses.
      const order = ({ edges }: DraftGraph) => edges.map(({ id }) => id).sort();
      for (const choices of [{}, { [key]: keeper }]) {
        const { graph } = of(choices);
        expect(jobOf(graph, "b")).toEqual(jobOf(edited(...use), "b"));
        expect(order(graph)).toEqual(order(edited(...use)));
      }
      const { graph } = of({ [key]: remover });
      expect(jobOf(graph, "b")).toBeUndefined();
      expect(order(graph)).toEqual(["t->a"]);
      expect(graph.triggers[0]?.cronCursorJobId).toBeNull();
    }
  });

  test("and an edge that the other one changed", () => {
    const key = "edges.a->b";
    const of = (choices: Record<string, Choice>) =>
      merge([remove({ kind: "edge", id: "a->b" })], [setEdge("a->b", { enabled: false })], choices);
    expect(of({}).collisions.map((one) => one.key)).toEqual([key]);
    expect(of({ [key]: "mine" }).graph.edges).toHaveLength(2);
    expect(of({ [key]: "theirs" }).graph.edges.find(({ id }) => id === "a->b")?.enabled).toBe(false);
  });

  test("an edge that was led to it goes back to where it was", () => {
    const key = "jobs.b";
    const { graph } = merge(rid, [setEdge("t->a", { targetJobId: "b" })], { [key]: "mine" });
    expect(graph.edges.map(({ id, targetJobId }) => [id, targetJobId])).toEqual([["t->a", "a"]]);
  });
});

test("edges keep the order that one side gave them, and ask where both gave one", () => {
  const turned: Edit = (graph) => ({ ...graph, edges: [...graph.edges].reverse() });
  const swapped: Edit = (graph) => ({ ...graph, edges: [1, 0, 2].flatMap((n) => graph.edges[n] ?? []) });
  const ids = (graph: DraftGraph) => graph.edges.map(({ id }) => id);
  expect(ids(merge([], [turned]).graph)).toEqual(ids(edited(turned)));
  expect(ids(merge([turned], []).graph)).toEqual(ids(edited(turned)));
  const key = "workflow.orderOfEdges";
  expect(merge([turned], [swapped]).collisions.map((one) => one.key)).toEqual([key]);
  expect(ids(merge([turned], [swapped], { [key]: "theirs" }).graph)).toEqual(ids(edited(swapped)));
});

describe("whatever two people do", () => {
  const sides = fc.tuple(anyEdits, anyEdits);
  const choosing = fc.func(fc.constantFrom<Choice>("mine", "theirs"));
  /** Every id names one item, as those that browsers make do. */
  const graphOf = (edits: Edit[], from: DraftGraph) => {
    const graph = edits.reduce((now, edit) => edit(now), from);
    const ids = [...graph.triggers, ...graph.jobs, ...graph.edges].map(({ id }) => id);
    fc.pre(new Set(ids).size === ids.length);
    return graph;
  };
  const sorted = (graph: DraftGraph) => ({
    ...graph,
    ...Object.fromEntries(
      (["triggers", "jobs", "edges"] as const).map((list) => [
        list,
        [...graph[list]].sort((a, b) => (a.id < b.id ? -1 : 1)),
      ]),
    ),
  });

  test("changes of one side alone survive, and nobody is asked", () => {
    fc.assert(
      fc.property(anyEdits, (edits) => {
        const [start, changed] = [base(), graphOf(edits, base())];
        for (const merged of [mergeDrafts(start, changed, start), mergeDrafts(start, start, changed)]) {
          expect(merged.collisions).toEqual([]);
          expect(sorted(merged.graph)).toEqual(sorted(changed));
        }
        expect(mergeDrafts(start, changed, changed).collisions).toEqual([]);
      }),
    );
  });

  test("no edge of what comes of it leads nowhere, whatever is chosen", () => {
    fc.assert(
      fc.property(sides, choosing, ([one, other], choose) => {
        const [start, mine, theirs] = [base(), graphOf(one, base()), graphOf(other, base())];
        const { collisions } = mergeDrafts(start, mine, theirs);
        const choices = new Map(collisions.map(({ key }) => [key, choose(key)]));
        for (const { graph } of [
          mergeDrafts(start, mine, theirs),
          mergeDrafts(start, mine, theirs, choices),
        ]) {
          const ids = new Set([...graph.triggers, ...graph.jobs].map(({ id }) => id));
          for (const edge of graph.edges) {
            expect(ids).toContain(edge.sourceJobId ?? edge.sourceTriggerId);
            expect(ids).toContain(edge.targetJobId);
          }
          for (const { cronCursorJobId } of graph.triggers)
            if (cronCursorJobId !== null) expect(ids).toContain(cronCursorJobId);
        }
      }),
    );
  });

  test("every change of either side is in it, or was asked about", () => {
    fc.assert(
      fc.property(sides, ([one, other]) => {
        const [start, mine, theirs] = [base(), graphOf(one, base()), graphOf(other, base())];
        const { graph, collisions } = mergeDrafts(start, mine, theirs);
        const asked = new Set(collisions.map(({ itemId }) => itemId));
        for (const side of [mine, theirs])
          for (const list of ["triggers", "jobs", "edges"] as const) {
            const of = (from: DraftGraph, id: string) => from[list].find((item) => item.id === id);
            for (const id of new Set([...start[list], ...side[list]].map((item) => item.id))) {
              const [was, is, now] = [of(start, id), of(side, id), of(graph, id)];
              if (sameValue(was, is) || asked.has(id)) continue;
              // Removed: gone, or one of its ends was asked about. Else each changed field is as this side has it.
              if (!is) expect(now === undefined || touchesAsked(was, asked)).toBe(true);
              else
                for (const [field, value] of Object.entries(is))
                  if (!sameValue(value, was && Reflect.get(was, field)))
                    expect(now && Reflect.get(now, field)).toEqual(value);
            }
          }
      }),
    );
  });

  const touchesAsked = (edge: object | undefined, asked: ReadonlySet<string | null>) =>
    ["sourceTriggerId", "sourceJobId", "targetJobId"].some(
      (end) => edge && asked.has((Reflect.get(edge, end) as string | null) ?? ""),
    );
});
