import type { Sql } from "@/db/client";
import type { ToldStatus } from "@/lib/words";
import { type Cause, fingerprintOf } from "./fingerprint";
import { fold } from "./fold";

/** A run that ended so that it is part of an issue, and is in none yet. */
export type UncollectedRun = {
  id: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  state: ToldStatus;
  errorType: string | null;
  errorMessage: string | null;
  at: Date;
};

/** One cause for which a run failed. */
export type Failure = Cause & {
  fingerprint: string;
  runId: string;
  stepId: string | null;
  jobName: string | null;
  workOrderId: string;
  messageId: string | null;
  state: ToldStatus;
  at: Date;
};

type FailedStep = {
  id: string;
  runId: string;
  jobId: string;
  jobName: string;
  errorType: string | null;
  errorMessage: string | null;
};

const maxType = 100;

/**
 * Why these runs failed, in the order in which they ended: each step that nothing handled, and the run itself where there is
 * none. One cause counts once a run, however many of its steps had it.
 */
export async function failuresOf(sql: Sql, projectId: string, runs: UncollectedRun[]): Promise<Failure[]> {
  const steps = await sql.query<FailedStep>(
    `select s.id, s.run_id as "runId", s.job_id as "jobId", s.job_name as "jobName", s.error_type as "errorType",
       left(s.error_message, 2000) as "errorMessage"
     from unnest($2::uuid[]) as asked (id) cross join lateral (
       select * from steps s where s.run_id = asked.id and s.project_id = $1 offset 0
     ) s where s.exit_reason not in ('success', 'cancel') and not s.handled order by s.run_id, s.ordinal`,
    [projectId, runs.map(({ id }) => id)],
  );
  const ofRun = new Map<string, FailedStep[]>();
  for (const step of steps) ofRun.set(step.runId, [...(ofRun.get(step.runId) ?? []), step]);
  return [...runs]
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1))
    .flatMap((run) => {
      const failed = ofRun.get(run.id) ?? [];
      const all = failed.length > 0 ? failed.map((step) => failureOf(run, step)) : [failureOf(run, null)];
      return [...new Map(all.map((one) => [one.fingerprint, one])).values()];
    });
}

function failureOf(run: UncollectedRun, step: FailedStep | null): Failure {
  const { errorType, errorMessage } = step ?? run;
  const cause = {
    workflowId: run.workflowId,
    jobId: step?.jobId ?? null,
    errorType: (errorType ?? run.state).slice(0, maxType),
    title: fold(errorMessage ?? ""),
  };
  return {
    ...cause,
    fingerprint: fingerprintOf(cause),
    runId: run.id,
    stepId: step?.id ?? null,
    jobName: step?.jobName ?? null,
    workOrderId: run.workOrderId,
    messageId: run.messageId,
    state: run.state,
    at: run.at,
  };
}
