import { describe, expect, it } from "vitest";
import type { ExitReason } from "@/lib/words";
import { decideEdges, expressionsFrom, type NodeRef } from "./conditions";
import { errorTypes, explainErrorType } from "./error-types";
import seedCases from "./fixtures/seed-status-cases.json";
import workerCases from "./fixtures/worker-exit-reasons-cases.json";
import { type FinishedStep, runResult } from "./result";
import { abortsRun, runStateOf, runStatuses } from "./status";
import { job, jobEdge, trigger, triggerEdge, workflow } from "./testing";
import type { Edge, WorkflowGraph } from "./types";
import { planNext, type WalkStart } from "./walk";

type WorkerEdge = {
  source_trigger_id?: string;
  source_job_id?: string;
  target_job_id: string;
  condition: string;
};
type WorkerCase = {
  id: string;
  title: string;
  input: {
    triggers: { id: string }[];
    jobs: { id: string; body: string }[];
    edges: WorkerEdge[];
    starting_node_id?: string;
  };
  expect: {
    run: { reason: ExitReason; error_type: string | null };
    seedStatus: string;
    steps: { job_id: string; reason: ExitReason; error_type: string | null; output?: unknown }[];
  };
};

/** Cases in which OpenFn's worker ran steps: what it recorded of each step is the input, the run's result is ours. */
const cases = (workerCases.cases as unknown as WorkerCase[]).filter((one) => one.expect.steps.length > 0);

function toEdge(edge: WorkerEdge): Edge {
  const { condition, target_job_id: target } = edge;
  const named = condition === "on_job_success" || condition === "on_job_failure" || condition === "always";
  const conditionType = named ? condition : "js_expression";
  const fields = { conditionType, conditionExpression: named ? null : condition } as const;
  return edge.source_trigger_id === undefined
    ? jobEdge(edge.source_job_id ?? "", target, conditionType, fields)
    : triggerEdge(edge.source_trigger_id, target, fields);
}

function take(graph: WorkflowGraph, node: NodeRef, reason: ExitReason, state: unknown): string[] {
  const decisions = expressionsFrom(graph, node).map(({ edgeId, expression }) => [
    edgeId,
    abortsRun(reason) ? false : Boolean(new Function("state", `return ${expression}`)(state)),
  ]);
  const decision = decideEdges(graph, node, reason, Object.fromEntries(decisions));
  return "takenEdgeIds" in decision ? decision.takenEdgeIds : [];
}

describe("OpenFn's recorded runs", () => {
  it.each(cases)(
    "$id $title: the same steps in the same order, the same result",
    ({ input, expect: expected }) => {
      const graph = workflow(
        input.jobs.map((one) => job(one.id, one.body)),
        input.edges.map(toEdge),
        input.triggers.map((one) => trigger(one.id)),
      );
      const first = input.starting_node_id ?? input.jobs[0]?.id ?? "";
      const start: WalkStart = graph.triggers.some((one) => one.id === first)
        ? { triggerId: first, takenEdgeIds: take(graph, { triggerId: first }, "success", {}) }
        : { jobId: first };
      const steps: FinishedStep[] = [];
      for (const recorded of expected.steps) {
        expect(planNext(graph, start, steps).next?.jobId).toBe(recorded.job_id);
        const takenEdgeIds = take(graph, { jobId: recorded.job_id }, recorded.reason, recorded.output);
        steps.push({
          reason: recorded.reason,
          takenEdgeIds,
          errorType: recorded.error_type,
          errorMessage: null,
        });
      }
      const result = runResult(graph, start, steps);
      expect(result.state).toBe(runStateOf(expected.run.reason));
      expect(runStatuses[result.state].word).toBe(expected.seedStatus);
      if (expected.run.reason === "fail") expect(result.errorType).toBe(expected.run.error_type);
    },
  );
});

describe("seed 3's jobs", () => {
  it.each(seedCases.cases.filter((one) => "errorType" in one.expect))(
    "$id $title",
    ({ expect: expected }) => {
      const info = explainErrorType(expected.errorType ?? "");
      if (!info) throw new Error(`${expected.errorType} is not known`);
      expect(runStateOf(info.reason)).toBe(expected.status);
      expect(abortsRun(info.reason)).toBe(expected.aborts);
    },
  );

  it("end as an exception when the credential has vanished", () => {
    expect(runStateOf(errorTypes.CredentialLoadError.reason)).toBe("exception");
  });
});
