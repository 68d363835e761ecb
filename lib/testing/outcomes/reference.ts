import type { Sql } from "@/db/client";
import type { ExitReason, MessageFilterState, RunFilterState, RunState } from "@/lib/words";
import { jobState } from "@/lib/workflow/job-state";
import { messageSetInfo, runIsIn } from "@/lib/workflow/outcome";
import { runResult } from "@/lib/workflow/result";
import { isFinal, unfinishedRunStates } from "@/lib/workflow/states";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { planNext, type WalkStart } from "@/lib/workflow/walk";

export type StepRow = {
  id: string;
  runId: string;
  /** Null in a run of the clock's. */
  messageId: string | null;
  jobId: string;
  ordinal: number;
  reason: ExitReason | null;
  takenEdgeIds: string[];
  startedAt: Date;
  finishedAt: Date | null;
};

export type RunRow = {
  id: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  state: RunState;
  finishedAt: Date | null;
  startingJobId: string | null;
  startingTriggerId: string | null;
  /** Edges taken after the trigger, where expressions decided. */
  startingEdges: string[] | null;
  graph: WorkflowGraph;
};

export type RunTruth = {
  id: string;
  workflowId: string;
  state: RunState;
  stepFailed: boolean;
  byLeaves: RunState | null;
  /** The job that is next by the steps that ended; null when none is. */
  next: string | null;
};
export type Pair = { messageId: string; jobId: string; word: string; stepId: string | null };
export type OrderTruth = {
  id: string;
  workflowId: string;
  messageId: string | null;
  state: RunState;
  stepFailed: boolean;
};

/** Everything newest first. */
export type Truth = {
  messages: string[];
  runs: RunTruth[];
  handledSteps: Set<string>;
  pairs: Pair[];
  orders: OrderTruth[];
  /** With the work orders that are rejected. */
  runsIn(word: RunFilterState, workflowId?: string): string[];
  messagesIn(word: MessageFilterState | undefined, jobId?: string): string[];
};

/** A work order without any run: the plan keeps it from running. */
export type RejectedRow = { id: string; workflowId: string; messageId: string | null };

export type Rows = { messages: string[]; runs: RunRow[]; steps: StepRow[]; rejected: RejectedRow[] };

/** Reads what the truth follows from, newest first; steps in the order of their run. */
export async function readRows({ query }: Sql, projectId: string): Promise<Rows> {
  const id = [projectId];
  const messages = (
    await query<{ id: string }>("select id from messages where project_id = $1 order by id desc", id)
  ).map((row) => row.id);
  const runs = await query<RunRow>(
    `select r.id, r.workflow_id as "workflowId", r.work_order_id as "workOrderId", r.message_id as "messageId", r.state, r.finished_at as "finishedAt",
       r.starting_job_id as "startingJobId", r.starting_trigger_id as "startingTriggerId",
       r.starting_edges as "startingEdges", s.graph
     from runs r join snapshots s on s.id = r.snapshot_id where r.project_id = $1 order by r.id desc`,
    id,
  );
  const steps = await query<StepRow>(
    `select id, run_id as "runId", message_id as "messageId", job_id as "jobId", ordinal, exit_reason as reason,
       coalesce(taken_edges, '[]') as "takenEdgeIds", started_at as "startedAt", finished_at as "finishedAt"
     from steps where project_id = $1 order by run_id, ordinal`,
    id,
  );
  const rejected = await query<RejectedRow>(
    `select id, workflow_id as "workflowId", message_id as "messageId" from work_orders o
     where project_id = $1 and not exists (select 1 from runs r where r.work_order_id = o.id) order by id desc`,
    id,
  );
  return { messages, runs, steps, rejected };
}

/**
 * What is true of a project by its runs, steps and versions alone: nothing that is kept for filters and counts is read.
 * Everything newest first.
 */
export function truthOf({ messages, runs, steps, rejected }: Rows): Truth {
  const byRun = new Map<string, StepRow[]>();
  for (const step of steps) byRun.set(step.runId, [...(byRun.get(step.runId) ?? []), step]);
  const stepsOf = (run: RunRow) => byRun.get(run.id) ?? [];
  const handledSteps = new Set(runs.flatMap((run) => followedFailures(run, stepsOf(run))));
  const runTruths = runs.map(
    (run): RunTruth => ({
      id: run.id,
      workflowId: run.workflowId,
      state: run.state,
      stepFailed: stepsOf(run).some(({ reason }) => reason !== null && reason !== "success"),
      byLeaves: byLeaves(run, stepsOf(run)),
      next: planNext(run.graph, startOf(run), outcomesOf(stepsOf(run))).next?.jobId ?? null,
    }),
  );
  const pairs = pairsOf(steps, handledSteps);
  const kept = rejected.map((order) => ({ ...order, state: "rejected" as const, stepFailed: false }));
  const orders = [...ordersOf(runs, runTruths), ...kept];
  const waits = new Set(runs.filter(({ state }) => state === "pending").map(({ messageId }) => messageId));
  const matched = new Set([...runs, ...rejected].map(({ messageId }) => messageId));
  const isIn = (word: MessageFilterState | undefined, message: string, jobId?: string): boolean => {
    if (word === "waiting") return waits.has(message);
    if (word === "unmatched") return !matched.has(message);
    if (word === "test") return false;
    if (word === "rejected") return kept.some(({ messageId }) => messageId === message);
    const words = word && messageSetInfo[word].words.map(String);
    const ofMessage = pairs.filter((pair) => pair.messageId === message && (!jobId || pair.jobId === jobId));
    if (!words) return !jobId || ofMessage.length > 0;
    if (ofMessage.some((pair) => words.includes(pair.word))) return true;
    if (word !== "unsuccessful" || jobId) return false;
    return orders.some(
      ({ messageId, state }) => messageId === message && isFinal(state) && state !== "success",
    );
  };
  return {
    messages,
    runs: runTruths,
    handledSteps,
    pairs,
    orders,
    runsIn: (word, workflowId) =>
      [...runTruths, ...kept]
        .filter((run) => (!workflowId || run.workflowId === workflowId) && runIsIn(word, run))
        .map((run) => run.id)
        .sort()
        .reverse(),
    messagesIn: (word, jobId) => messages.filter((message) => isIn(word, message, jobId)),
  };
}

function startOf({ graph, startingJobId, startingTriggerId, startingEdges }: RunRow): WalkStart {
  if (startingJobId) return { jobId: startingJobId };
  const taken = graph.edges.filter((edge) => edge.enabled && edge.sourceTriggerId === startingTriggerId);
  return { triggerId: startingTriggerId ?? "", takenEdgeIds: startingEdges ?? taken.map((edge) => edge.id) };
}

const outcomesOf = (steps: StepRow[]) =>
  steps.flatMap(({ reason, takenEdgeIds }) =>
    reason ? [{ reason, takenEdgeIds, errorType: null, errorMessage: null }] : [],
  );

/** The failed steps of a run after which another one was started because of them. */
function followedFailures(run: RunRow, steps: StepRow[]): string[] {
  const { done, next } = planNext(run.graph, startOf(run), outcomesOf(steps));
  const started = [...done, ...(next && steps.length > done.length ? [next] : [])];
  return steps
    .filter(
      ({ reason, ordinal }) => reason === "fail" && started.some((step) => step.fromOrdinal === ordinal),
    )
    .map((step) => step.id);
}

/** How the run should have ended by its leaves; null where its steps do not say, because somebody ended it. */
function byLeaves(run: RunRow, steps: StepRow[]): RunState | null {
  const outcomes = outcomesOf(steps);
  if (steps.length === 0 || !isFinal(run.state) || planNext(run.graph, startOf(run), outcomes).next)
    return null;
  return runResult(run.graph, startOf(run), outcomes).state;
}

function pairsOf(steps: StepRow[], handledSteps: Set<string>): Pair[] {
  const ofMessages = steps.filter((step) => step.messageId !== null);
  const keys = [...new Set(ofMessages.map(({ messageId, jobId }) => `${messageId}/${jobId}`))];
  return keys.map((key) => {
    const [messageId = "", jobId = ""] = key.split("/");
    const executions = steps
      .filter((step) => step.messageId === messageId && step.jobId === jobId)
      .map((step) => ({ ...step, handled: handledSteps.has(step.id) }));
    const state = jobState(executions);
    return { messageId, jobId, word: state?.result ?? "", stepId: state?.decidedBy?.id ?? null };
  });
}

/** Seed 3: the last run decides, and none while one is unfinished. */
function ordersOf(runs: RunRow[], truths: RunTruth[]): OrderTruth[] {
  return [...new Set(runs.map((run) => run.workOrderId))].map((id) => {
    const own = runs.filter((run) => run.workOrderId === id);
    const [first] = own;
    if (!first) throw new Error("A work order has a run.");
    const of = { id, workflowId: first.workflowId, messageId: first.messageId };
    const open = own.map((run) => run.state).filter((state) => unfinishedRunStates.includes(state));
    const [strongest] = open.sort().reverse();
    if (strongest) return { ...of, state: strongest, stepFailed: false };
    const last = own
      .filter((run) => run.finishedAt)
      .sort((a, b) => Number(b.finishedAt) - Number(a.finishedAt))[0];
    const truth = truths.find((run) => run.id === last?.id);
    return { ...of, state: last?.state ?? "pending", stepFailed: truth?.stepFailed ?? false };
  });
}
