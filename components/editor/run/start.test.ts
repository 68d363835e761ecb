import { describe, expect, test } from "vitest";
import { addEdge, addJob, addTrigger, setEdge } from "@/lib/editor/edits";
import type { DraftGraph } from "@/lib/editor/graph";
import { plainWorkflow } from "@/lib/workflow/complete";
import { reachable, startOf, triggerFor, usualScope, whyNot } from "./start";

const empty: DraftGraph = {
  name: "w",
  ...plainWorkflow,
  concurrency: null,
  triggers: [],
  jobs: [],
  edges: [],
  positions: null,
};
const after = (id: string, kind: "trigger" | "job" = "job") => ({ kind, id });
const graph = [
  addTrigger("hook", "webhook"),
  addTrigger("clock", "cron"),
  addJob({ job: "a", edge: "1" }, after("hook", "trigger")),
  addJob({ job: "b", edge: "2" }, after("a")),
  addJob({ job: "c", edge: "3" }, after("b")),
  addJob({ job: "off", edge: "4" }, after("a")),
  setEdge("4", { enabled: false }),
  addEdge("5", after("clock", "trigger"), "c"),
].reduce((now, edit) => edit(now), empty);

describe("where a test starts", () => {
  const place = { jobId: "b", triggerId: "hook" };
  test("is the selected job, alone or not, or the trigger", () => {
    expect(startOf("job", place)).toEqual({ jobId: "b", alone: true });
    expect(startOf("onward", place)).toEqual({ jobId: "b" });
    expect(startOf("workflow", place)).toEqual({ triggerId: "hook" });
    expect([usualScope("b"), usualScope(null)]).toEqual(["job", "workflow"]);
  });

  test("is nowhere without a job, or without a trigger, and it is said why", () => {
    const nowhere = { jobId: null, triggerId: null };
    expect([startOf("job", nowhere), startOf("onward", nowhere), startOf("workflow", nowhere)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(whyNot("job", nowhere)).toBe("Select a job first.");
    expect(whyNot("workflow", nowhere)).toContain("no trigger");
    expect(whyNot("workflow", place)).toBeNull();
  });

  test("is the trigger that is chosen, else selected, else takes the message, else the first", () => {
    const asked = { graph, selected: { kind: "workflow" }, takers: [], chosen: null } as const;
    expect(triggerFor(asked)).toBe("hook");
    expect(triggerFor({ ...asked, takers: ["clock"] })).toBe("clock");
    expect(triggerFor({ ...asked, takers: ["hook"], selected: { kind: "trigger", id: "clock" } })).toBe(
      "clock",
    );
    expect(triggerFor({ ...asked, chosen: "hook", selected: { kind: "trigger", id: "clock" } })).toBe("hook");
    expect(triggerFor({ ...asked, chosen: "gone" })).toBe("hook");
    expect(triggerFor({ ...asked, graph: empty })).toBeNull();
  });
});

describe("what a test may reach", () => {
  test.each([
    [{ jobId: "a", alone: true }, ["a"]],
    [{ jobId: "b" }, ["b", "c"]],
    [{ triggerId: "hook" }, ["a", "b", "c"]],
    [{ triggerId: "clock" }, ["c"]],
  ])("%j: %j, by edges that are switched on", (start, jobs) => {
    expect([...reachable(graph, start)].toSorted()).toEqual(jobs);
  });

  test("ends where a circle closes", () => {
    const circle = addEdge("6", after("c"), "a")(graph);
    expect([...reachable(circle, { jobId: "b" })].toSorted()).toEqual(["a", "b", "c"]);
  });
});
