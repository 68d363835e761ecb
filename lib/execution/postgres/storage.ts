import type { Database } from "@/db/client";
import { Batcher } from "@/lib/batcher";
import type {
  Completed,
  Completion,
  ExecutionStorage,
  OverdueStep,
  StepStart,
} from "@/lib/execution/storage";
import { requestStranded } from "@/lib/queue/queue";
import type { LogLine } from "@/lib/runner/contract";
import { withoutNul } from "@/lib/text";
import { completeSteps, endRuns } from "./complete-steps";
import { fireDueTriggers } from "./fire-triggers";
import { loadGraph, loadRuns, readBody, readState } from "./load-runs";
import { startSteps, withdrawSteps } from "./start-steps";

/**
 * Runs and steps in the product's database. Steps that are started, or completed, while a statement for others is under
 * way go together in the next one.
 */
export function postgresStorage(database: Database): ExecutionStorage {
  const starting = new Batcher((starts: StepStart[]) => startSteps(database, starts));
  const completing = new Batcher((completions: Completion[]) => completeSteps(database, completions));
  const alone = async (completion: Completion): Promise<Completed> => {
    const [completed] = await completeSteps(database, [completion]);
    if (!completed) throw new Error("The step was not completed.");
    return completed;
  };
  return {
    loadRuns: (runIds) => loadRuns(database, runIds),
    loadGraph: (projectId, snapshotId) => loadGraph(database, projectId, snapshotId),
    startSteps: (starts) => Promise.all(starts.map((one) => starting.add(one))),
    withdrawSteps: (stepIds) => withdrawSteps(database, stepIds),
    completeSteps: (completions) =>
      Promise.all(completions.map((one) => (isSmall(one) ? completing.add(one) : alone(one)))),
    endRuns: (ends) => endRuns(database, ends),
    readState: (projectId, dataclipId) => readState(database, projectId, dataclipId),
    readBody: (projectId, messageId) => readBody(database, projectId, messageId),
    appendLog: (stepId, lines) => appendLog(database, stepId, lines),
    runningSteps: (runId) => runningSteps(database, runId),
    overdueSteps: (before) => overdueSteps(database, before),
    requestStranded: (minutes) => requestStranded(database, minutes),
    fireDueTriggers: (now, next) => fireDueTriggers(database, now, next),
  };
}

/** A large output would hold up those it goes with: it takes a connection of its own. */
const isSmall = ({ kept }: Completion): boolean =>
  (kept?.body?.length ?? 0) + (kept?.sealed?.length ?? 0) <= maxGroupedChars;
const maxGroupedChars = 64 * 1024;

async function appendLog(database: Database, stepId: string, lines: LogLine[]): Promise<void> {
  await database.query(
    `/* checked: the step was started by whoever writes */ insert into log_lines (step_id, seq, at, level, source, message)
     select $1, x.* from unnest($2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) as x
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

async function runningSteps(database: Database, runId: string): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    "/* checked: the run is an event's */ select id from steps where run_id = $1 and finished_at is null",
    [runId],
  );
  return rows.map((row) => row.id);
}

const overdueSteps = (database: Database, before: Date): Promise<OverdueStep[]> =>
  database.query<OverdueStep>(
    `select /* all tenants: the safety net */ s.id, s.run_id as "runId", s.project_id as "projectId", s.message_id as "messageId", s.log_lines as "logLines"
     from runs r cross join lateral (
       select * from steps s
       where s.run_id = r.id and s.project_id = r.project_id and s.finished_at is null and s.started_at < $1 offset 0
     ) s
     where r.state = 'running' limit 200`,
    [before],
  );
