import { describe, expect, it } from "vitest";
import { downstreamJobs, edgeLabel, upstreamJobs } from "./graph";
import { job, jobEdge, trigger, triggerEdge, workflow } from "./testing";
import { validateGraph } from "./validate-graph";

const messages = (...args: Parameters<typeof workflow>) =>
  validateGraph(workflow(...args)).map(({ message }) => message);

describe("validateGraph", () => {
  it("accepts a sound graph", () => {
    expect(messages(["a", "b"], [triggerEdge("t", "a"), jobEdge("a", "b")])).toEqual([]);
  });

  it("names a circle in OpenFn's words, at the edge that closes it", () => {
    expect(messages(["a", "b"], [jobEdge("a", "b"), jobEdge("b", "a")])).toEqual([
      "Circular dependency: b <-> a",
    ]);
    expect(messages(["a"], [jobEdge("a", "a")])).toEqual(["Circular dependency: a <-> a"]);
  });

  it("finds a circle that does not contain the first job", () => {
    const edges = [jobEdge("a", "b"), jobEdge("b", "c"), jobEdge("c", "b")];
    expect(messages(["a", "b", "c"], edges)).toEqual(["Circular dependency: c <-> b"]);
  });

  it("does not take a join for a circle", () => {
    const edges = [jobEdge("a", "b"), jobEdge("a", "c"), jobEdge("b", "d"), jobEdge("c", "d")];
    expect(messages(["a", "b", "c", "d"], edges)).toEqual([]);
  });

  it("names what an edge points at and is not there", () => {
    expect(messages(["a"], [jobEdge("a", "zzz")])).toEqual(["Cannot find job: zzz"]);
    expect(messages(["a"], [jobEdge("zzz", "a")])).toEqual(["Cannot find job: zzz"]);
    expect(messages(["a"], [triggerEdge("u", "a")])).toEqual(["Cannot find trigger: u"]);
  });

  it("wants exactly one source of an edge", () => {
    const both = { ...jobEdge("a", "b", "always"), sourceTriggerId: "t" };
    const none = { ...jobEdge("a", "b"), sourceJobId: null };
    expect(messages(["a", "b"], [both])).toEqual(["An edge starts at one trigger or at one job."]);
    expect(messages(["a", "b"], [none])).toEqual(["An edge starts at one trigger or at one job."]);
  });

  it("allows only one enabled trigger", () => {
    const sentence = "A workflow can have only one trigger enabled at a time.";
    expect(messages(["a"], [], [trigger("t"), trigger("u")])).toEqual([sentence]);
    expect(messages(["a"], [], [trigger("t"), trigger("u", { enabled: false })])).toEqual([]);
  });

  it("refuses success and failure conditions on a trigger's edge", () => {
    expect(messages(["a"], [triggerEdge("t", "a", { conditionType: "on_job_failure" })])).toHaveLength(1);
  });

  it.each([
    ["", "the expression is empty"],
    [".sdf", "Unexpected token '.'"],
    ["state.x; evil()", "Unexpected token ';'"],
    ["state.x) || (1", "Unexpected token ')'"],
    ["(state.x", "Unexpected token"],
  ])("refuses the condition %j", (conditionExpression, reason) => {
    const edges = [jobEdge("a", "b", "js_expression", { conditionExpression })];
    expect(messages(["a", "b"], edges)).toEqual([`Failed to compile edge condition a->b (${reason})`]);
  });

  it.each([
    "state.age > 18",
    "!state.errors /* none */",
    " !state.errors && (state.data?.x ?? false) // why",
  ])("accepts the condition %j", (conditionExpression) => {
    expect(messages(["a", "b"], [jobEdge("a", "b", "js_expression", { conditionExpression })])).toEqual([]);
  });

  it("wants names, code and unique ids", () => {
    expect(messages([{ ...job("a"), name: " " }], [])).toEqual(["Job name can't be blank."]);
    expect(messages([job("a", " \n")], [])).toEqual(["Code editor cannot be empty."]);
    expect(messages([job("a"), { ...job("b"), name: "a" }], [])[0]).toContain("Give each job its own name");
    expect(messages([job("t")], [])).toEqual(["duplicate id: t"]);
    expect(validateGraph({ ...workflow(["a"], []), name: "" })[0]?.message).toBe("Give the workflow a name.");
  });

  it.each([
    ["0 2 * * *", 0],
    ["*/5 * * * 1-5", 0],
    ["* * * * * *", 1],
    ["hello", 1],
    ["61 * * * *", 1],
    ["0 0 30 2 *", 1],
    ["", 1],
  ])("judges the cron expression %j", (cronExpression, problems) => {
    expect(messages(["a"], [], [trigger("t", { type: "cron", cronExpression })])).toHaveLength(problems);
  });

  it("wants the cron cursor to be a job of the workflow", () => {
    const cron = trigger("t", { type: "cron", cronExpression: "0 0 * * *", cronCursorJobId: "zzz" });
    expect(messages(["a"], [], [cron])).toEqual(["Cannot find job: zzz"]);
  });
});

describe("reach", () => {
  const off = jobEdge("a", "z", "always", { enabled: false });
  const graph = workflow(
    ["a", "b", "c", "d", "z"],
    [triggerEdge("t", "a"), jobEdge("a", "b"), jobEdge("a", "c"), jobEdge("b", "d"), jobEdge("c", "d"), off],
  );

  it("downstream is everything that may run after a node, over enabled edges", () => {
    expect([...downstreamJobs(graph, { jobId: "a" })].sort()).toEqual(["b", "c", "d"]);
    expect([...downstreamJobs(graph, { triggerId: "t" })].sort()).toEqual(["a", "b", "c", "d"]);
    expect(downstreamJobs(graph, { jobId: "d" }).size).toBe(0);
  });

  it("upstream is everything from which a job can be reached", () => {
    expect([...upstreamJobs(graph, "d")].sort()).toEqual(["a", "b", "c"]);
    expect(upstreamJobs(graph, "z").size).toBe(0);
  });

  it("calls edges by what they join, a trigger by its type", () => {
    expect(graph.edges.slice(0, 2).map((edge) => edgeLabel(graph, edge))).toEqual(["webhook->a", "a->b"]);
  });
});
