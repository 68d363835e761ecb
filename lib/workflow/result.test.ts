import { describe, expect, it } from "vitest";
import type { ExitReason } from "@/lib/words";
import { runResult } from "./result";
import { jobEdge, triggerEdge, workflow } from "./testing";

const graph = workflow(
  ["a", "b", "c"],
  [triggerEdge("t", "a"), jobEdge("a", "b", "on_job_failure"), jobEdge("a", "c", "on_job_success")],
);
const fork = workflow(["a", "b", "c"], [jobEdge("a", "b", "always"), jobEdge("a", "c", "always")]);
const start = { triggerId: "t", takenEdgeIds: ["t->a"] };
const step = (reason: ExitReason, ...takenEdgeIds: string[]) => ({
  reason,
  takenEdgeIds,
  errorType: reason === "success" ? null : "JobError",
  errorMessage: reason === "success" ? null : `${reason}ed`,
});

describe("runResult", () => {
  it("is success when the failure of a step was handled by a step that succeeded", () => {
    expect(runResult(graph, start, [step("fail", "a->b"), step("success")])).toMatchObject({
      state: "success",
      decidedBy: null,
    });
  });

  it("is failed when the handler fails, with the handler's error", () => {
    expect(runResult(graph, start, [step("fail", "a->b"), step("fail")])).toMatchObject({
      state: "failed",
      decidedBy: 1,
    });
  });

  it("is failed when nothing followed the failure", () => {
    expect(runResult(graph, { jobId: "c" }, [step("fail")])).toEqual({
      state: "failed",
      errorType: "JobError",
      errorMessage: "failed",
      decidedBy: 0,
      leaves: [0],
    });
  });

  it("is that of the first failed leaf when branches differ", () => {
    const both = [step("success", "a->b", "a->c"), step("fail"), step("success")];
    expect(runResult(fork, { jobId: "a" }, both)).toMatchObject({
      state: "failed",
      decidedBy: 1,
      leaves: [1, 2],
    });
  });

  it.each([
    ["crash", "crashed"],
    ["kill", "killed"],
    ["cancel", "cancelled"],
    ["exception", "exception"],
    ["lost", "lost"],
  ] as const)("is that of the step that aborted it: %s", (reason, state) => {
    const steps = [step("success", "a->b", "a->c"), step("fail"), step(reason)];
    expect(runResult(fork, { jobId: "a" }, steps)).toMatchObject({ state, decidedBy: 2 });
  });

  it("is success when the trigger's edges lead nowhere", () => {
    expect(runResult(graph, { triggerId: "t", takenEdgeIds: [] }, [])).toMatchObject({
      state: "success",
      leaves: [],
    });
  });

  it("refuses a run that is not over", () => {
    expect(() => runResult(graph, start, [])).toThrow("Step 0 has not been run yet.");
  });
});
