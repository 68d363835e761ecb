import { describe, expect, it } from "vitest";
import type { ExitReason } from "@/lib/words";
import { decideEdges, expressionsFrom, type NodeRef } from "./conditions";
import fixture from "./fixtures/workflow-cases.json";
import { type FinishedStep, finalState } from "./result";
import { job, jobEdge, trigger, triggerEdge, workflow } from "./testing";
import type { Edge, WorkflowGraph } from "./types";
import { validateGraph } from "./validate-graph";
import { planNext, type WalkStart } from "./walk";

/**
 * OpenFn's recorded graph cases: their plan form is turned into a WorkflowGraph, jobs are simulated by evaluating
 * their one `fn(…)`, everything else (order, conditions, leaves, final state) is ours.
 */
type State = Record<string, unknown>;
type PlanEdge = boolean | string | { condition?: string; disabled?: boolean };
type PlanStep = {
  id: string;
  expression?: string;
  configuration?: State;
  next?: string | Record<string, PlanEdge>;
};
type Case = {
  id: string;
  title: string;
  input: {
    plan: { workflow: { steps: PlanStep[]; globals?: string }; options?: { start?: string; end?: string } };
    state: State;
  };
  expect: { order: string[]; result?: unknown; throws?: { message: string } };
};

function toEdge(source: PlanStep, target: string, value: PlanEdge): Edge {
  const condition = typeof value === "object" ? value.condition : String(value);
  const named = condition === "on_job_success" || condition === "on_job_failure" || condition === "always";
  const conditionType = condition === "true" ? "always" : named ? condition : "js_expression";
  const fields: Partial<Edge> = {
    conditionType,
    conditionExpression: conditionType === "js_expression" ? (condition ?? "false") : null,
    enabled: !(typeof value === "object" && value.disabled),
  };
  return source.expression === undefined
    ? triggerEdge(source.id, target, fields)
    : jobEdge(source.id, target, conditionType, fields);
}

function toGraph(steps: PlanStep[]): WorkflowGraph {
  const edges = steps.flatMap((step) => {
    const next = typeof step.next === "string" ? { [step.next]: true } : (step.next ?? {});
    return Object.entries(next).map(([target, value]) => toEdge(step, target, value));
  });
  const jobs = steps.flatMap((step) =>
    step.expression === undefined ? [] : [job(step.id, step.expression)],
  );
  const triggers = steps.flatMap((step) => (step.expression === undefined ? [trigger(step.id)] : []));
  return workflow(jobs, edges, triggers);
}

const clone = (value: unknown): State => JSON.parse(JSON.stringify(value)) as State;

class RunAborted extends Error {}

function simulate({ plan, state }: Case["input"]): { order: string[]; result: unknown } {
  const { steps, globals = "" } = plan.workflow;
  const graph = toGraph(steps);
  // A condition with an unknown name is not saved any more; versions that were stored before still run.
  const broken = validateGraph(graph).find((problem) => !problem.message.includes("is not defined"));
  if (broken) throw new RunAborted(broken.message, { cause: [] });
  const take = (node: NodeRef, reason: ExitReason, after: State) => {
    const decisions: Record<string, boolean | { message: string }> = {};
    for (const { edgeId, expression } of expressionsFrom(graph, node)) {
      try {
        decisions[edgeId] = Boolean(new Function("state", `return ${expression}`)(after));
      } catch (error) {
        decisions[edgeId] = { message: (error as Error).message };
      }
    }
    return decideEdges(graph, node, reason, decisions);
  };

  const first = graph.triggers[0];
  const from = first ? take({ triggerId: first.id }, "success", state) : undefined;
  const end = plan.options?.end === undefined ? {} : { endJobId: plan.options.end };
  const start: WalkStart =
    first && from && "takenEdgeIds" in from && plan.options?.start === undefined
      ? { triggerId: first.id, takenEdgeIds: from.takenEdgeIds, ...end }
      : { jobId: plan.options?.start ?? steps[0]?.id ?? "", ...end };
  const outcomes: FinishedStep[] = [];
  const outputs: State[] = [];
  const order: string[] = [];
  for (;;) {
    const { next } = planNext(graph, start, outcomes);
    if (!next) break;
    const { jobId, fromOrdinal } = next;
    order.push(jobId);
    const input = clone(fromOrdinal === null ? state : outputs[fromOrdinal]);
    const { reason, output, message } = execute(
      steps.find((step) => step.id === jobId),
      globals,
      input,
    );
    if (reason === "crash") throw new RunAborted(message ?? "", { cause: order });
    const decision = take({ jobId }, reason, output);
    if ("undecided" in decision) throw new RunAborted(decision.undecided.error?.message, { cause: order });
    outputs.push(output);
    outcomes.push({ reason, errorType: null, errorMessage: null, ...decision });
  }
  return { order, result: finalState(graph, start, outcomes, (ordinal) => outputs[ordinal]) };
}

function execute(step: PlanStep | undefined, globals: string, input: State) {
  const state = { ...input, configuration: step?.configuration ?? {} };
  const { configuration: _, ...handedOn } = input;
  try {
    const code = `${globals.replaceAll("export ", "")}; const fn = (f) => f; return ${step?.expression}`;
    const operation = new Function(code)() as (state: State) => State;
    const { configuration: _, ...output } = clone(operation(state));
    return { reason: "success" as const, output };
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "ReferenceError")
      return { reason: "crash" as const, output: input, message: `${name}: ${message}` };
    const errors = {
      ...(input.errors as State | undefined),
      [step?.id ?? ""]: { source: "runtime", name: "JobError", severity: "fail", message },
    };
    return { reason: "fail" as const, output: { ...handedOn, errors } };
  }
}

describe("OpenFn's recorded workflow cases", () => {
  it.each(fixture.cases as unknown as Case[])("$id $title", ({ input, expect: expected }) => {
    if (!expected.throws) {
      expect(simulate(input)).toEqual({ order: expected.order, result: expected.result });
      return;
    }
    try {
      simulate(input);
    } catch (error) {
      expect((error as Error).message).toBe(expected.throws.message);
      if (error instanceof RunAborted) expect(error.cause).toEqual(expected.order);
      else expect(expected.order).toEqual([]);
      return;
    }
    expect.unreachable("the case must be refused");
  });
});
