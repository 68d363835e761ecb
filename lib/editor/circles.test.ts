import { describe, expect, test } from "vitest";
import { followingProblem, type SavedFollowing } from "./circles";
import { type DraftGraph, newEdge, newJob, newTrigger } from "./graph";

/** A workflow "Mine" whose trigger leads to the job `mine`, and that to `second`. */
const draft: DraftGraph = {
  name: "Mine",
  concurrency: null,
  triggers: [newTrigger("t", "flow")],
  jobs: [newJob("mine", "Mine"), newJob("second", "Second"), newJob("loose", "Loose")],
  edges: [
    newEdge("e", { kind: "trigger", id: "t" }, "mine", "always"),
    newEdge("f", { kind: "job", id: "mine" }, "second", "on_job_success"),
  ],
  positions: null,
  orderKey: null,
  jobLogs: null,
};
const following = (workflow: string, sourceJobId: string, ...reaches: string[]): SavedFollowing => ({
  workflowId: workflow,
  workflowName: workflow,
  sourceJobId,
  reaches,
});
const problem = (jobId: string, ...saved: SavedFollowing[]) =>
  followingProblem(draft, { workflowId: "Mine", triggerId: "t", jobId }, saved);

describe("a job that cannot be followed", () => {
  test("is one of a workflow that this one starts, directly or by others", () => {
    const other = following("Other", "second", "theirs");
    expect(problem("theirs", other)).toMatch(/^Circular dependency: .*Mine.*Other|Other.*Mine/);
    expect(problem("far", other, following("Third", "theirs", "far"))).toContain("Circular dependency");
  });

  test("is none that only a job starts to which nothing leads, or what this workflow followed before", () => {
    expect(problem("theirs", following("Other", "loose", "theirs"))).toBeNull();
    expect(problem("theirs", following("Other", "elsewhere", "theirs"))).toBeNull();
    expect(problem("theirs", following("Mine", "second", "theirs"))).toBeNull();
  });

  test("is one at the end of too long a chain", () => {
    const chain = Array.from({ length: 50 }, (_, n) => following(`w${n}`, `j${n}`, `j${n + 1}`));
    expect(problem("j50", ...chain)).toContain("would start one another");
    expect(problem("j20", ...chain)).toBeNull();
  });
});
