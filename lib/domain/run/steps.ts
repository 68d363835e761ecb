import { sql } from "drizzle-orm";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { wipedNoteOf } from "@/lib/domain/fields";
import { logGoneAt } from "@/lib/domain/retention/gone-logs";
import type { Wiped } from "@/lib/state/wiped";
import { exitReasons } from "@/lib/words";
import { exitCode } from "@/lib/workflow/exit-code";
import { isFailure } from "@/lib/workflow/outcome";
import type { StepSummary } from "./types";

type Attempt = StepSummary["attempts"][number];
type AttemptRow = Omit<Attempt, "exitCode" | "connections"> & { connections: Attempt["connections"] | null };
type Row = Omit<
  StepSummary,
  "exitCode" | "startedAt" | "finishedAt" | "retryAt" | "attempts" | "connections" | "wiped"
> & {
  retryAt: Date | string | null;
  attempts: AttemptRow[] | null;
  ofRun: string;
  stepTotal: number;
  startedAt: Date | string;
  finishedAt: Date | string | null;
  connections: StepSummary["connections"] | null;
} & Wiped;

/** SQL for the order of steps by what needs attention first: failures, then what is under way, then what was handled. */
export const needsAttention = (s = sql``) =>
  sql`case when ${s}exit_reason is null then 1 when ${s}exit_reason in (${sql.raw(
    exitReasons
      .filter((reason) => !isFailure(reason))
      .map((reason) => `'${reason}'`)
      .join(", "),
  )}) then 3 when ${s}handled then 2 else 0 end`;

const attempts = sql`select json_agg(json_build_object('attempt', a.attempt, 'startedAt', a.started_at, 'finishedAt', a.finished_at,
    'exitReason', a.exit_reason, 'error', coalesce(a.error, case when a.error_type is not null then
      jsonb_build_object('type', a.error_type, 'message', a.error_message) end),
    'durationMs', a.duration_ms, 'connections', a.connections, 'waitsUntil', a.waits_until) order by a.attempt)
  from step_attempts a /* checked: of a step that was found */ where a.step_id = s.id`;

const asAttempt = (row: AttemptRow): Attempt => ({
  ...row,
  exitCode: exitCode(row.exitReason, row.error?.type ?? null),
  startedAt: iso(row.startedAt),
  finishedAt: iso(row.finishedAt),
  waitsUntil: iso(row.waitsUntil),
  connections: row.connections ?? [],
});

/** Of an error that is wiped its type is left. */
const told = (error: StepSummary["error"], wiped: StepSummary["wiped"]): StepSummary["error"] =>
  error && wiped ? { ...error, message: wiped.says } : error;

type Steps = { steps: StepSummary[]; stepTotal: number };

/**
 * Per run id at most `most` steps, those it continues from first, then its own in order, and how many there are. Of more,
 * those that need attention first.
 */
export async function stepsOfRuns(
  ctx: Pick<Context, "db" | "project">,
  runIds: string[],
  most = Number.MAX_SAFE_INTEGER,
): Promise<Map<string, Steps>> {
  const steps = new Map<string, Steps>();
  if (runIds.length === 0) return steps;
  const found = await rows<Row>(
    ctx.db,
    sql`with listed as (
          select run_id as of_run, id as step_id, false as linked from steps where run_id = any(${sql.param(runIds)}::uuid[])
          union all
          select run_id, step_id, true from run_steps where run_id = any(${sql.param(runIds)}::uuid[])
        ), placed as (
          select l.*, (count(*) over of_run)::int as step_total,
            row_number() over (partition by l.of_run order by ${needsAttention(sql`s.`)}, l.linked, s.ordinal desc) as place
          from listed l join steps s on s.id = l.step_id and s.project_id = ${ctx.project.id}
          window of_run as (partition by l.of_run)
        )
        select l.of_run as "ofRun", l.linked, l.step_total as "stepTotal", s.id, s.run_id as "runId", s.ordinal, s.job_id as "jobId", s.job_name as "jobName",
          s.adaptor, s.credential_name as "credentialName", s.exit_reason as "exitReason", s.handled,
          coalesce(s.error, case when s.error_type is not null then jsonb_build_object('type', s.error_type, 'message', s.error_message) end) as error,
          s.started_at as "startedAt", s.finished_at as "finishedAt", s.duration_ms as "durationMs",
          s.peak_memory_mb as "peakMemoryMb", s.log_lines as "logLines", ${sql.raw(logGoneAt("s"))} as "wipedAt", s.wiped_for as "wipedFor", s.repeats, s.connections,
          s.attempt,
          case when s.finished_at is null then s.retry_at end as "retryAt", case when s.attempt > 1 then (${attempts}) end as attempts,
          true as "hasInput", s.output_dataclip_id is not null as "hasOutput"
        from placed l join steps s on s.id = l.step_id and s.project_id = ${ctx.project.id}
        where l.place <= ${most}
        order by l.of_run, l.linked desc, s.started_at, s.ordinal`,
  );
  for (const { ofRun, stepTotal, wipedAt, wipedFor, ...row } of found) {
    const wiped = wipedNoteOf({ wipedAt, wipedFor, since: row.startedAt });
    const step = {
      ...row,
      error: told(row.error, wiped),
      wiped,
      exitCode: exitCode(row.exitReason, row.error?.type ?? null),
      startedAt: iso(row.startedAt),
      finishedAt: isoOrNull(row.finishedAt),
      connections: row.connections ?? [],
      retryAt: isoOrNull(row.retryAt),
      attempts: (row.attempts ?? []).map(asAttempt).map((one) => ({ ...one, error: told(one.error, wiped) })),
    };
    const one = steps.get(ofRun) ?? { steps: [], stepTotal };
    one.steps.push(step);
    steps.set(ofRun, one);
  }
  return steps;
}
