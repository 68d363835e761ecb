import type { Database } from "@/db/client";
import { Batcher } from "@/lib/batcher";
import type {
  Completed,
  Completion,
  ExecutionStorage,
  RunningStep,
  StepStart,
} from "@/lib/execution/storage";
import type { Announce } from "@/lib/queue/announce";
import { announceRuns, handBackFound, handBackRuns, type QueuedRun } from "@/lib/queue/queue";
import { heldProjects, releaseSome } from "@/lib/queue/release";
import type { LogLine } from "@/lib/runner/contract";
import { withoutNul } from "@/lib/text";
import { isUnfinished } from "@/lib/workflow/states";
import { completeSteps, endRuns, handOverStep } from "./complete-steps";
import {
  abandoned,
  beat,
  executedRuns,
  executorOf,
  leave,
  letGo as letGoOf,
  overdueCancels,
} from "./executors";
import { fireDueTriggers } from "./fire-triggers";
import { bodyFor, loadGraph, loadRuns, readBody, readState } from "./load-runs";
import { pauseStep } from "./pause-step";
import { startSteps, withdrawSteps } from "./start-steps";
import { adoptStep, beginAttempt, moveStep, repeatStep, takeOver } from "./take-over";

/**
 * Runs and steps in the product's database. Steps that are started, or completed, while a statement for others is under
 * way go together in the next one; `underWay` says of how many runs something may be completed before long. `announce` is told of
 * runs that the end of others lets start.
 */
export function postgresStorage(
  database: Database,
  announce: Announce = () => {},
  underWay?: () => number,
): ExecutionStorage {
  const letGo = (runs: QueuedRun[]) => announceRuns(announce, runs);
  const starting = new Batcher((starts: StepStart[]) => startSteps(database, starts));
  const completing = new Batcher(
    (completions: Completion[]) => completeSteps(database, completions, letGo),
    underWay ? { underWay } : {},
  );
  const alone = async (completion: Completion): Promise<Completed> => {
    const [completed] = await completeSteps(database, [completion], letGo);
    if (!completed) throw new Error("The step was not completed.");
    return completed;
  };
  return {
    loadRuns: (runIds) => loadRuns(database, runIds),
    loadGraph: (projectId, snapshotId) => loadGraph(database, projectId, snapshotId),
    startSteps: (starts) => Promise.all(starts.map((one) => starting.add(one))),
    takeOver: (runId, executorId) => takeOver(database, runId, executorId),
    adoptStep: (step) => adoptStep(database, step),
    moveStep: (step) => moveStep(database, step),
    pauseStep: (pause) => pauseStep(database, pause),
    beginAttempt: (step) => beginAttempt(database, step),
    repeatStep: (step) => repeatStep(database, step),
    withdrawSteps: (steps) => withdrawSteps(database, steps),
    completeSteps: (completions) =>
      Promise.all(
        completions.map(({ handsOver, ...one }) => {
          if (handsOver) return handOverStep(database, { ...one, handsOver }, letGo);
          return isSmall(one) ? completing.add(one) : alone(one);
        }),
      ),
    endRuns: (ends) => endRuns(database, ends, letGo),
    readState: (projectId, dataclipId) => readState(database, projectId, dataclipId),
    withBody: (projectId, message) => bodyFor(database, projectId, message),
    readBody: (projectId, messageId) => readBody(database, projectId, messageId),
    appendLog: (stepId, lines) => appendLog(database, stepId, lines),
    stepBeginning: (stepId, maxLines) => stepBeginning(database, stepId, maxLines),
    nextLine: (stepId) => nextLine(database, stepId),
    runningSteps: (runId) => runningSteps(database, runId),
    overdueCancels: () => overdueCancels(database),
    beat: (executorId) => beat(database, executorId),
    leave: (executorId) => leave(database, executorId),
    executedRuns: (executorId) => executedRuns(database, executorId),
    executorOf: (runId) => executorOf(database, runId),
    handBack: (runIds, executorId, hasLeft) => handBackRuns(database, runIds, executorId, hasLeft),
    letGo: (runId, epoch) => letGoOf(database, runId, epoch),
    handBackAbandoned: () => handBackFound(database, abandoned, "hand-back-abandoned"),
    releaseSome: (projectId) => releaseSome(database, projectId),
    heldProjects: () => heldProjects(database),
    fireDueTriggers: (now, read) => fireDueTriggers(database, now, read),
  };
}

/** A large output would hold up those it goes with: it takes a connection of its own. */
const isSmall = ({ kept }: Completion): boolean =>
  (kept?.body?.length ?? 0) + (kept?.sealed?.length ?? 0) <= maxGroupedChars;
const maxGroupedChars = 64 * 1024;

async function appendLog(database: Database, stepId: string, lines: LogLine[]): Promise<void> {
  await database.query(
    // A step that is held does not go before its lines are there to go with it.
    `/* checked: the step was started by whoever writes */ with held as (select id from steps where id = $1 for key share)
     insert into log_lines (step_id, seq, at, level, source, message)
     select held.id, x.* from held cross join unnest($2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) as x
     on conflict do nothing`,
    [
      stepId,
      lines.map((line) => line.seq),
      lines.map((line) => new Date(line.at)),
      lines.map((line) => line.level),
      lines.map((line) => line.source),
      lines.map((line) => withoutNul(line.message)),
    ],
    "append-log",
  );
}

async function stepBeginning(
  database: Database,
  stepId: string,
  maxLines: number,
): Promise<{ inputDataclipId: string | null; lines: string[] }> {
  const [step] = await database.query<{ inputDataclipId: string | null; lines: string[] }>(
    `/* checked: the step is its executor's */ select s.input_dataclip_id as "inputDataclipId",
       array(select message from (select seq, message from log_lines where step_id = s.id order by seq desc limit $2) l order by seq) as lines
     from steps s where s.id = $1`,
    [stepId, maxLines],
    "step-beginning",
  );
  if (!step) throw new Error(`Step ${stepId} does not exist.`);
  return step;
}

async function nextLine(database: Database, stepId: string): Promise<number> {
  const [last] = await database.query<{ seq: number }>(
    `/* checked: the step is its executor's */ select seq from log_lines where step_id = $1 order by seq desc limit 1`,
    [stepId],
    "next-line",
  );
  return last ? last.seq + 1 : 0;
}

async function runningSteps(database: Database, runId: string): Promise<RunningStep[] | null> {
  const rows = await database.query<{ id: string | null; runnerId: string | null; waits: boolean }>(
    `/* checked: the run is an event's */ select coalesce(s.attempt_id, s.id) as id, s.runner_id as "runnerId",
       s.retry_at is not null and r.executor_id is null as waits from runs r
     left join steps s on s.run_id = r.id and s.project_id = r.project_id and s.finished_at is null
     where r.id = $1 and ${isUnfinished("r.state")}`,
    [runId],
  );
  if (rows.length === 0) return null;
  return rows.flatMap(({ id, runnerId, waits }) =>
    id ? [{ id, runnerId, ...(waits ? { waits: true } : {}) }] : [],
  );
}
