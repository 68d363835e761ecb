import { describe, expect, it } from "vitest";
import { job, jobEdge, triggerEdge, workflow } from "./testing";
import { planNext, type StepOutcome } from "./walk";

const diamond = workflow(
  ["a", "b", "c", "d"],
  [
    triggerEdge("t", "a"),
    jobEdge("a", "b", "always"),
    jobEdge("a", "c", "always"),
    jobEdge("b", "d", "always"),
    jobEdge("c", "d", "always"),
  ],
);
const start = { triggerId: "t", takenEdgeIds: ["t->a"] };
const ok = (...takenEdgeIds: string[]): StepOutcome => ({ reason: "success", takenEdgeIds });

describe("planNext", () => {
  it("runs a join once for each incoming path, with that path's output as its input", () => {
    const outcomes = [ok("a->b", "a->c"), ok("b->d"), ok("c->d"), ok(), ok()];
    const plan = planNext(diamond, start, outcomes);
    expect(plan.done.map((step) => [step.jobId, step.fromOrdinal])).toEqual([
      ["a", null],
      ["b", 0],
      ["c", 0],
      ["d", 1],
      ["d", 2],
    ]);
    expect(plan).toMatchObject({ next: null, leaves: [3, 4], abortedBy: null });
  });

  it("plans every prefix of outcomes to the same steps: a replay is the same walk", () => {
    const outcomes = [ok("a->b", "a->c"), ok("b->d"), ok("c->d"), ok(), ok()];
    const whole = planNext(diamond, start, outcomes).done;
    for (const [n, step] of whole.entries()) {
      const plan = planNext(diamond, start, outcomes.slice(0, n));
      expect(plan.next).toEqual(step);
      expect(plan.done).toEqual(whole.slice(0, n));
    }
  });

  it("walks in the graph's order whatever the order in which taken edges are given", () => {
    const plan = planNext(diamond, start, [ok("a->c", "a->b")]);
    expect(plan.next?.jobId).toBe("b");
  });

  it.each(["crash", "kill", "exception", "lost", "cancel"] as const)(
    "ends at %s, queued branches included",
    (reason) => {
      const plan = planNext(diamond, start, [ok("a->b", "a->c"), { reason, takenEdgeIds: [] }]);
      expect(plan).toMatchObject({ next: null, abortedBy: 1, leaves: [1] });
    },
  );

  it("goes on after a failure", () => {
    const plan = planNext(diamond, start, [ok("a->b", "a->c"), { reason: "fail", takenEdgeIds: [] }]);
    expect(plan.next).toEqual({ ordinal: 2, jobId: "c", fromOrdinal: 0 });
  });

  it("starts at a job with the run's input", () => {
    expect(planNext(diamond, { jobId: "b" }, []).next).toEqual({ ordinal: 0, jobId: "b", fromOrdinal: null });
  });

  it("stops after the end job even if more is queued", () => {
    const plan = planNext(diamond, { ...start, endJobId: "b" }, [ok("a->b", "a->c"), ok("b->d")]);
    expect(plan).toMatchObject({ next: null, leaves: [1], abortedBy: null });
  });

  it("ends at once when no edge leaves the trigger", () => {
    expect(planNext(diamond, { triggerId: "t", takenEdgeIds: [] }, [])).toMatchObject({
      next: null,
      done: [],
      leaves: [],
    });
  });

  it("refuses a start, an outcome or an edge that does not fit the graph", () => {
    expect(() => planNext(diamond, { jobId: "zzz" }, [])).toThrow("Could not find start job: zzz");
    expect(() => planNext(diamond, { jobId: "d" }, [ok(), ok()])).toThrow("has no step 1");
    expect(() => planNext(diamond, start, [ok("b->d")])).toThrow("do not leave it");
    expect(() => planNext(diamond, start, [ok("gone")])).toThrow("do not leave it");
  });

  it("does not finish a graph of one job twice", () => {
    const one = workflow([job("a")], []);
    expect(planNext(one, { jobId: "a" }, [ok()]).next).toBeNull();
  });
});
