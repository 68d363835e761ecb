import { askedStatement, firstOf } from "@/db/asked";
import type { Sql } from "@/db/client";
import type { Completed, Completion, RunEnd, StepRow } from "@/lib/execution/storage";
import { limits } from "@/lib/limits";
import { ordered, queued } from "@/lib/queue/fragments";
import { followed, followedWith, followerJson } from "@/lib/queue/lines";
import { withPlaces } from "@/lib/queue/places";
import { type QueuedRun, columns as queuedColumns } from "@/lib/queue/queue";
import { sqlJson } from "@/lib/sql-json";
import type { Kept } from "@/lib/state/kept";
import { isRepeatableSql } from "@/lib/state/repeated";
import { withoutNul } from "@/lib/text";
import type { ExitReason, FinalRunState } from "@/lib/words";
import { newerRow } from "@/lib/workflow/job-state";
import { isFailure, jobStateWordSql } from "@/lib/workflow/outcome";
import { isUnfinished } from "@/lib/workflow/states";
import { workOrderState } from "@/lib/workflow/work-order";
import { isDone, lockedWorkOrders } from "./order";
import { stepColumns } from "./step-columns";

/** Seed 1: the greatest (finish, start, id) decides. Same order as `compareFinished` in lib/workflow/job-state.ts. */
const decides = `(j.finished_at is null or ${newerRow("excluded", "step_id")} > ${newerRow("j", "step_id")})`;
const decided = (column: string) => `case when ${decides} then excluded.${column} else j.${column} end`;
const stillRunning =
  "greatest(0, j.running_steps - (select count(*) from done d where d.message_id = j.message_id and d.job_id = j.job_id))";

/** A job state's word once these steps have ended: of the row that is there, and of one that is not. */
const newWord = jobStateWordSql({
  running: stillRunning,
  exitReason: decided("exit_reason"),
  handled: decided("handled"),
});
const firstWord = jobStateWordSql({ running: "0", exitReason: "exit_reason", handled: "false" });

/** The run ends now, as the case is for the step that was its last. */
const ends = `o.end_state is not null and ${isUnfinished("r.state")}`;
const atEnd = (column: string, value: string) =>
  `${column} = case when ${ends} then o.${value} else r.${column} end`;

/**
 * What follows when runs ended, as a common table expression over `ended` (id, workflow_id, work_order_id, project_id, state,
 * step_failed, finished_at, order_key): the next of their lines, then their work orders.
 */
const afterEnds = (follow = followed) => `
${follow},
locked as (${lockedWorkOrders(`select work_order_id from ended where ${isDone("followers")}`)}),
work_order as (
  update work_orders w set last_activity = clock_timestamp(), step_failed = last.step_failed,
    state = ${workOrderState("array(select id from ended)", "last.state")}
  from (select distinct on (work_order_id) work_order_id, project_id, state, step_failed from ended order by work_order_id, finished_at desc, id desc) last
    join locked on locked.id = last.work_order_id
  where w.id = last.work_order_id and w.project_id = last.project_id
)`;

const onFirstRow = `case when row_number() over () = 1 then ${followerJson} end`;

type Columns = {
  step_id: string;
  epoch: number;
  body: string | null;
  sealed: string | null;
  size: number | null;
  repeats: boolean;
  reason: ExitReason;
  error_type: string | null;
  error_message: string | null;
  error: string | null;
  taken_edges: string;
  duration_ms: number | null;
  peak_memory_mb: number | null;
  connections: string | null;
  log_lines: number;
  lines: string | null;
  credential_name: string | null;
  reply_status: number | null;
  reply_body: string | null;
  failed: boolean;
  end_state: FinalRunState | null;
  end_type: string | null;
  end_message: string | null;
};

const types = {
  step_id: "uuid",
  epoch: "int",
  body: "text",
  sealed: "text",
  size: "int",
  repeats: "boolean",
  reason: "text",
  error_type: "text",
  error_message: "text",
  error: "jsonb",
  taken_edges: "jsonb",
  duration_ms: "float8",
  peak_memory_mb: "float8",
  connections: "jsonb",
  log_lines: "int",
  lines: "jsonb",
  credential_name: "text",
  reply_status: "int",
  reply_body: "text",
  failed: "boolean",
  end_state: "text",
  end_type: "text",
  end_message: "text",
} as const satisfies Record<keyof Columns, string>;

/** Which triggers of other workflows follow a job that ended so; of one that a person cancelled none do. */
const following = (step: string, reason: string) => `
  triggers t where t.source_job_id = ${step}.job_id and t.project_id is not distinct from ${step}.project_id and t.enabled
    and t.type = case when ${reason} = 'success' then 'flow' when ${reason} <> 'cancel' then 'catch' end`;

/** Its project stores no states (`isWithheld` in lib/state/kept.ts). */
const isWithheldSql = `body is null and size <= ${limits.keptStateBytes}`;

/**
 * What the step began with, where it returned the same and the step before it in the run did: both have one row then, and lose
 * it together, since what is kept of a run is kept of all of its steps.
 */
const sameState = `
    select d.id from dataclips d where s.follows is not null and d.id = s.input_dataclip_id and d.project_id = s.project_id
      and d.size = asked.size and d.body = asked.body and d.sealed is null and asked.sealed is null limit 1`;

/** The message whose text `asked.body` repeats, and what stands before and after that. */
const repeated = `
    select m.id as of_message, left(asked.body, m.at - 1) as text_before, substr(asked.body, m.at + char_length(m.text)) as text_after from (
      select m.*, strpos(asked.body, m.text) as at from (
        select m.id, convert_from(m.body, 'UTF8') as text from messages m -- body here: of messages that are too small to lie apart
        where asked.repeats and same.id is null and m.id = s.message_id and m.project_id = s.project_id and ${isRepeatableSql} limit 1
      ) m offset 0
    ) m where m.at > 0`;

/** `open` is a condition on the steps that are completed, `begin` and `more` what is done before and after what `follow` does. */
const completing = ({ open = "", begin = "", follow = followed, more = "", caused = "null::jsonb" }) => `
open_step as (
  select asked.*, s.project_id, same.id is null as is_new, case when size is not null then coalesce(same.id, uuid_v7()) end as clip_id, repeated.*
  from asked cross join lateral (
    select project_id, message_id, job_id, follows, input_dataclip_id from steps
    where id = asked.step_id and epoch = asked.epoch and finished_at is null for update
  ) s left join lateral (${sameState}) same on true left join lateral (${repeated}) repeated on true${open}
),
clip as (
  insert into stored_states (id, project_id, type, body, of_message, text_before, text_after, sealed, size, wiped_at, wiped_for)
  select clip_id, project_id, 'step_result', case when of_message is null then body end, of_message, text_before, text_after, sealed, size, case when ${isWithheldSql} then clock_timestamp() end,
    case when ${isWithheldSql} then 'persistence' end
  from open_step where clip_id is not null and is_new
),
done as (
  update steps s set exit_reason = o.reason, error_type = o.error_type, error_message = o.error_message, error = o.error,
    taken_edges = o.taken_edges, duration_ms = o.duration_ms, peak_memory_mb = o.peak_memory_mb, connections = o.connections,
    log_lines = o.log_lines, credential_name = o.credential_name,
    reply_status = o.reply_status, reply_body = o.reply_body, output_dataclip_id = o.clip_id,
    finished_at = greatest(s.started_at, clock_timestamp())
  from open_step o where s.id = o.step_id
  returning s.*, o.failed, o.end_state, o.end_type, o.end_message
),
written as (
  insert into log_lines (step_id, seq, at, level, source, message)
  select o.step_id, l.* from open_step o
    cross join lateral jsonb_to_recordset(o.lines) as l (seq int, at timestamptz, level text, source text, message text)
  on conflict do nothing
),
state as (
  insert into job_states as j (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, error_type, started_at, finished_at, running_steps)
  select distinct on (message_id, job_id) message_id, job_id, project_id, workflow_id, job_name, ${firstWord}, id, exit_reason, error_type, started_at, finished_at, 0
  from done where message_id is not null
  order by message_id, job_id, finished_at desc, started_at desc, id desc
  on conflict (message_id, job_id) do update set
    running_steps = ${stillRunning}, result = ${newWord},
    ${["step_id", "exit_reason", "handled", "error_type", "started_at", "finished_at"].map((column) => `${column} = ${decided(column)}`).join(",\n    ")}
  returning 1
),
outcome as (
  select run_id, bool_or(failed) as failed, max(end_state) as end_state, max(end_type) as end_type, max(end_message) as end_message,
    clock_timestamp() as at
  from done group by run_id
),
told as (
  update runs r set step_failed = r.step_failed or o.failed, ${atEnd("state", "end_state")}, ${atEnd("error_type", "end_type")},
    ${atEnd("error_message", "end_message")}, ${atEnd("finished_at", "at")}
  from outcome o where ${isDone("state")} and r.id = o.run_id and (o.failed or o.end_state is not null)
  returning r.id, r.project_id, r.workflow_id, r.work_order_id, r.state, r.step_failed, r.finished_at, r.order_key, o.at
),
ended as (select * from told where finished_at = at),
${begin}${afterEnds(follow)}${more}
select step_id as "stepId", clip_id as "outputDataclipId", ${onFirstRow} as followers, ${caused} as caused from open_step`;

/** Steps whose end concerns nobody else. One that is followed is passed over: what it hands over is asked for first. */
const complete = askedStatement<Columns>(
  types,
  completing({ open: ` where not exists (select 1 from ${following("s", "asked.reason")})` }),
);

/** How many work orders may have led to one another. Saving refuses longer chains; a belt against what it cannot see. */
const maxDepth = 100;

/** Each row by the id in the one before, whatever statistics say. */
const causeOf = (run: string) => `
      cross join lateral (select work_order_id from runs where id = ${run} and project_id = d.project_id limit 1) r
      cross join lateral (select caused_by_step_id from work_orders where id = r.work_order_id and project_id = d.project_id limit 1) o`;

const depth = `(
  with recursive up (caused_by, depth) as (
    select o.caused_by_step_id, 1 from (select d.run_id) s ${causeOf("s.run_id")}
    union all
    select o.caused_by_step_id, up.depth + 1 from up
      cross join lateral (select run_id from steps where id = up.caused_by and project_id = d.project_id limit 1) s ${causeOf("s.run_id")}
    where up.depth <= ${maxDepth}
  ) select max(depth) from up)`;

/** One step, and a run of every workflow that follows it: one commit. */
const handOver = askedStatement<Columns & HandedOver>(
  { ...types, handed_body: "text", handed_sealed: "text", handed_size: "int" },
  completing({
    begin: `
chained as (
  select d.project_id, d.message_id, d.id as caused_by_step_id, d.output_dataclip_id, t.id as trigger_id, t.workflow_id, w.snapshot_id
  from done d cross join lateral (select * from ${following("d", "d.exit_reason")}) t
    cross join lateral (
      select snapshot_id from workflows where id = t.workflow_id and project_id = t.project_id and deleted_at is null and snapshot_id is not null limit 1
    ) w
  where ${depth} <= ${maxDepth}
),
handed as (
  insert into dataclips (project_id, type, body, sealed, size)
  select o.project_id, 'global', handed_body, handed_sealed, handed_size from open_step o
  where handed_size is not null and exists (select 1 from chained)
  returning id
),
handing as (
  select c.project_id, workflow_id, snapshot_id, trigger_id, message_id,
    coalesce((select id from handed), output_dataclip_id) as dataclip_id, caused_by_step_id, coalesce(handed_body, body) as state
  from chained c cross join open_step
),
${withPlaces("handing", "standing")},
keyed as (
  select project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id, caused_by_step_id, is_paused,
    /* A state that is stored by this statement cannot be read by it. */
    coalesce(order_key, (
      select order_key_in_state(w.order_key, state) from workflows w
      where w.id = standing.workflow_id and w.project_id = standing.project_id and w.order_key is not null
    )) as order_key
  from standing
),`,
    follow: followedWith("keyed", "due"),
    more: `,
${ordered({ cause: ", caused_by_step_id" })},
${queued()}`,
    caused: `coalesce((select jsonb_agg(to_jsonb(q)) from (select ${queuedColumns} from queued) q), '[]')`,
  }),
);

type HandedOver = { handed_body: string | null; handed_sealed: string | null; handed_size: number | null };

/** Completes a step that triggers of other workflows follow, with what they begin with; `letGo` as in `completeSteps`. */
export async function handOverStep(
  sql: Sql,
  completion: Completion & { handsOver: { state: Kept | null } },
  letGo: (runs: QueuedRun[]) => void,
): Promise<Completed> {
  const { state } = completion.handsOver;
  const asked = {
    ...columnsOf(completion),
    handed_body: state?.body ?? null,
    handed_sealed: state?.sealed ?? null,
    handed_size: state?.size ?? null,
  };
  const { text, values } = handOver.of([asked]);
  const [row] = await sql.query<Stored>(text, values, "hand-over-step");
  letGo([...(row?.followers ?? []), ...(row?.caused ?? [])]);
  if (row) return { wasFirst: true, outputDataclipId: row.outputDataclipId };
  const [stored = null] = await storedSteps(sql, [completion.stepId]);
  return { wasFirst: false, outputDataclipId: stored?.outputDataclipId ?? null, stored };
}

/** Completes steps; `letGo` is told which runs may start now, because the runs before them ended. */
export async function completeSteps(
  sql: Sql,
  completions: Completion[],
  letGo: (runs: QueuedRun[]) => void,
): Promise<Completed[]> {
  const firsts = completions.filter((one) => firstOf(completions, stepOf, one));
  // By their ids: two who complete some of the same at once wait for each other in one order.
  const ordered = [...firsts].sort((a, b) => (a.stepId < b.stepId ? -1 : 1));
  const { text, values, isOne } = complete.of(ordered.map(columnsOf));
  const rows = await sql.query<Stored>(text, values, isOne ? "complete-step" : "complete-steps");
  letGo(rows[0]?.followers ?? []);
  const completed = new Map(rows.map((row) => [row.stepId, row.outputDataclipId]));
  const wasFirst = completions.map((one) => firsts.includes(one) && completed.has(one.stepId));
  const others = completions.filter((_, i) => !wasFirst[i]).map(stepOf);
  const stored = new Map(
    (others.length > 0 ? await storedSteps(sql, others) : []).map((row) => [row.id, row]),
  );
  return completions.map(({ stepId }, i) => {
    if (wasFirst[i]) return { wasFirst: true, outputDataclipId: completed.get(stepId) ?? null };
    const step = stored.get(stepId) ?? null;
    return { wasFirst: false, outputDataclipId: step?.outputDataclipId ?? null, stored: step };
  });
}

const stepOf = ({ stepId }: Completion) => stepId;

type Stored = {
  stepId: string;
  outputDataclipId: string | null;
  followers: QueuedRun[] | null;
  caused: QueuedRun[] | null;
};

/** Steps that somebody else completed, or has. */
const storedSteps = (sql: Sql, stepIds: string[]): Promise<StepRow[]> =>
  sql.query<StepRow>(
    `/* checked: completed by whoever asks */ select ${stepColumns()} from steps where id = any($1::uuid[])`,
    [stepIds],
    "stored-steps",
  );

const columnsOf = ({
  stepId,
  epoch,
  result,
  kept,
  repeats = false,
  takenEdges,
  logLines,
  lines = [],
  credentialName,
  reply,
  runEnd,
}: Completion): Columns => ({
  step_id: stepId,
  epoch,
  body: kept?.body ?? null,
  sealed: kept?.sealed ?? null,
  size: kept?.size ?? null,
  repeats,
  reason: result.reason,
  error_type: storable(result.error?.type),
  error_message: storable(result.error?.message),
  error: result.error && sqlJson(result.error),
  taken_edges: sqlJson(takenEdges),
  duration_ms: result.durationMs,
  peak_memory_mb: result.peakMemoryMb,
  connections: result.connections.length > 0 ? sqlJson(result.connections) : null,
  log_lines: logLines,
  lines: lines.length > 0 ? sqlJson(lines.map((line) => ({ ...line, at: new Date(line.at) }))) : null,
  credential_name: credentialName,
  reply_status: reply?.status ?? null,
  reply_body: reply?.body ?? null,
  failed: isFailure(result.reason),
  end_state: runEnd?.state ?? null,
  end_type: storable(runEnd?.errorType),
  end_message: storable(runEnd?.errorMessage),
});

const storable = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : withoutNul(text);

type End = {
  run_id: string;
  epoch: number;
  state: FinalRunState;
  error_type: string | null;
  error_message: string | null;
};

const end = askedStatement<End>(
  { run_id: "uuid", epoch: "int", state: "text", error_type: "text", error_message: "text" },
  `
ended as (
  /* checked: the runs are events' */
  update runs r set state = asked.state, error_type = asked.error_type, error_message = asked.error_message, finished_at = clock_timestamp()
  from asked where r.id = asked.run_id and r.epoch = asked.epoch and ${isUnfinished("r.state")}
    and not exists (select 1 from steps s where s.run_id = r.id and s.project_id = r.project_id and s.finished_at is null)
  returning r.id, r.project_id, r.workflow_id, r.work_order_id, r.state, r.step_failed, r.finished_at, r.order_key
),
${afterEnds()}
select id, ${onFirstRow} as followers from ended`,
);

/** Ends runs; `letGo` as in `completeSteps`. */
export async function endRuns(
  sql: Sql,
  ends: { runId: string; epoch: number; end: RunEnd }[],
  letGo: (runs: QueuedRun[]) => void,
): Promise<boolean[]> {
  const firsts = ends.filter((one) => firstOf(ends, ({ runId }) => runId, one));
  const { text, values, isOne } = end.of(
    firsts.map(({ runId, epoch, end: { state, errorType, errorMessage } }) => ({
      run_id: runId,
      epoch,
      state,
      error_type: storable(errorType),
      error_message: storable(errorMessage),
    })),
  );
  const rows = await sql.query<{ id: string; followers: QueuedRun[] | null }>(
    text,
    values,
    isOne ? "end-run" : "end-runs",
  );
  letGo(rows[0]?.followers ?? []);
  const ended = new Set(rows.map(({ id }) => id));
  return ends.map((one) => firsts.includes(one) && ended.has(one.runId));
}
