import { describe, expect, test } from "vitest";
import { cronProblem } from "@/lib/workflow/cron";
import { expressionProblem } from "@/lib/workflow/expression";
import { job, jobEdge, trigger, triggerEdge, workflow } from "@/lib/workflow/testing";
import { setCondition, setEdge, setJob, setWorkflow } from "./edits";
import { type DraftGraph, toDraft } from "./graph";
import { type CompileProblem, checksFor, problemsOf as problemsBy } from "./problems";
import { type Refused, refusedOf } from "./refused";
import { setTriggerType } from "./trigger-type";

const checks = { cron: cronProblem, expression: expressionProblem };
const problemsOf = (graph: DraftGraph, compile?: Map<string, CompileProblem>, refused?: Refused[]) =>
  problemsBy(graph, checks, compile, refused);

const draft = (): DraftGraph => toDraft(workflow(["a", "b"], [triggerEdge("t", "a"), jobEdge("a", "b")]));
const told = (graph: DraftGraph) =>
  problemsOf(graph).map(({ item, itemId, field, weight }) => [item, itemId, field, weight]);

describe("what is wrong with a draft", () => {
  test("is nothing with a sound one, nor with an empty one that has a name", () => {
    expect(problemsOf(draft())).toEqual([]);
    expect(problemsOf(toDraft(workflow([], [], [])))).toEqual([]);
  });

  test("names the item and the field of whatever a save would refuse", () => {
    expect(told(setWorkflow({ name: " " })(draft()))).toEqual([["workflow", null, "name", "refuses"]]);
    expect(told(setJob("a", { body: " " })(draft()))).toEqual([["job", "a", "body", "refuses"]]);
    const circle = toDraft(
      workflow(["a", "b"], [triggerEdge("t", "a"), jobEdge("a", "b"), jobEdge("b", "a")]),
    );
    expect(told(circle)).toEqual([["edge", "b->a", "targetJobId", "refuses"]]);
  });

  test("says of an empty expression that it is to be written, and of another what is wrong with it", () => {
    const empty = setCondition("a->b", "js_expression")(draft());
    expect(problemsOf(empty)[0]?.message).toMatch(/^Write the expression/);
    const bad = setEdge("a->b", { conditionExpression: "state." })(empty);
    expect(problemsOf(bad)[0]?.message).toMatch(/^Failed to compile edge condition a->b/);
  });

  test("is read by what is loaded for the texts that there are", async () => {
    expect(await checksFor(draft())).not.toMatchObject(checks);
    const expression = setCondition("a->b", "js_expression")(draft());
    expect((await checksFor(expression)).expression).toBe(expressionProblem);
    const clock = setTriggerType("t", "cron")(draft());
    expect((await checksFor(clock)).cron).toBe(cronProblem);
  });

  test("warns of jobs that nothing leads to, of triggers that lead nowhere, and of a workflow that nothing starts", () => {
    const off = setEdge("t->a", { enabled: false })(draft());
    expect(told(off)).toEqual([
      ["trigger", "t", "edges", "warns"],
      ["job", "a", "edges", "warns"],
      ["job", "b", "edges", "warns"],
    ]);
    const unstarted = toDraft(workflow(["a"], [], []));
    expect(told(unstarted)).toEqual([["workflow", null, "triggers", "warns"]]);
  });

  test("reaches jobs on every way, and ends in a circle", () => {
    const graph = workflow(
      ["a", "b", "c"],
      [triggerEdge("u", "b"), jobEdge("b", "c"), jobEdge("c", "b"), triggerEdge("t", "a")],
      [trigger("t"), trigger("u", { enabled: false })],
    );
    expect(told(toDraft(graph)).filter(([, , , weight]) => weight === "warns")).toEqual([]);
  });

  test("has a missing adaptor, and code that does not compile at its line", () => {
    const graph = setJob("a", { adaptor: "" })(draft());
    const compile = new Map([["b", { message: "Unexpected token", line: 3, column: 1 }]]);
    expect(problemsOf(graph, compile)).toEqual([
      { item: "job", itemId: "a", field: "adaptor", message: "Choose an adaptor.", weight: "refuses" },
      { item: "job", itemId: "b", field: "body", message: "Unexpected token", weight: "refuses", line: 3 },
    ]);
  });

  test("has what the server refused until that field is another one, and nothing twice", () => {
    const graph = draft();
    const refused = refusedOf(graph, {
      "jobs.a.adaptor": ["It cannot be had."],
      "workflow.name": ["Taken.", "Choose another one."],
      "edges.a->b.source": ["An edge starts somewhere."],
      lockVersion: ["Not a field of an item."],
    });
    const fields = (now: DraftGraph) => problemsOf(now, new Map(), refused).map(({ field }) => field);
    expect(fields(graph)).toEqual(["adaptor", "name", "source"]);
    expect(fields(setJob("a", { name: "other" })(graph))).toEqual(["adaptor", "name", "source"]);
    expect(fields(setJob("a", { adaptor: "@openfn/language-http@latest" })(graph))).toEqual([
      "name",
      "source",
    ]);
    expect(fields(setWorkflow({ name: "" })(graph))).toEqual(["name", "adaptor", "source"]);
    expect(problemsOf(graph, new Map(), refused)[1]?.message).toBe("Taken. Choose another one.");
  });

  test("is found in 500 jobs in a chain", () => {
    const ids = Array.from({ length: 500 }, (_, index) => `j${index}`);
    const edges = ids.slice(1).map((id, index) => jobEdge(`j${index}`, id));
    const graph = workflow(
      ids.map((id) => job(id)),
      [triggerEdge("t", "j0"), ...edges],
    );
    expect(problemsOf(toDraft(graph))).toEqual([]);
  });
});
