import type { Database, Sql } from "@/db/client";
import { asWork } from "@/db/deadline";
import { isConflict } from "@/db/outage";
import { errorCode } from "@/lib/error-code";
import type { Beginning } from "@/lib/execution/beginnings";
import type { LoadedRun } from "@/lib/execution/load-run";
import type { Opening } from "@/lib/execution/opening";
import { loadSql, type StoredRunRow, storedRun } from "@/lib/execution/postgres/load-runs";
import { startSql } from "@/lib/execution/postgres/start-steps";
import type { StepRow } from "@/lib/execution/storage";
import { headStarts } from "@/lib/queue/events";
import { sqlJson } from "@/lib/sql-json";

/** A run in hand: its row of the outbox, held under `owner`. */
export type Delivery = {
  id: string;
  projectId: string;
  runId: string;
  /** Deliveries that failed before. */
  attempt: number;
  /** Engines that ended while they held it. */
  lost: number;
  owner: string;
};

/** A delivery, and the run where it was read along, or begun. */
export type Claimed = Delivery & { loaded: LoadedRun | undefined };

/** What a claim knew of a project: only the function in the database reads it. */
export type Known = Record<string, unknown>;

export type Claim = {
  claimed: Claimed[];
  /** The project behind which the next turn is. */
  after: string;
  /** Others were claiming, or there were too many to look at. */
  more: boolean;
  known: Known;
  /** In how many milliseconds the next is due that waits on purpose. */
  next: number | null;
};

type Asked = {
  owner: string;
  /** Rows held under this name that are done. */
  done: string[];
  room: number;
  after: string;
  projectLimit: number;
  known: Known;
};

type Result = Omit<Claim, "claimed"> & { items: (Omit<Delivery, "owner" | "id"> & { id: number })[] };

/** What is larger is loaded by whoever executes it: one answer brings several runs. */
const loadedBytes = 64 * 1024;

/** Nobody's turn waits longer for somebody who changes one of the runs. */
const patienceMs = 100;

const claimCall = (schema: string) =>
  `${schema}.claim_runs($1, $2::bigint[], $3, $4::uuid, $5, '{${headStarts.join(",")}}', $6::jsonb)`;

const loadedSql = `${loadSql(`(select (i->>'runId')::uuid as id from jsonb_array_elements(claimed.result->'items') i)`)}
    and coalesce(m.size, 0) <= ${loadedBytes} and coalesce(d.size, 0) <= ${loadedBytes}`;

const claimSql = (schema: string) => `/* all tenants: in turns */
with claimed as materialized (select ${claimCall(schema)} as result)
select case when row_number() over () = 1 then claimed.result end as result, loaded.*
from claimed left join lateral (${loadedSql}) loaded on true`;

/**
 * The same, and begins what is delivered for the first time and begins as others of its version did. A claim alone need not
 * outlive a crash; a step that a job may run for must. It waits a moment for who changes such a run, and is taken back whole then.
 */
const openSql = (schema: string) => `/* all tenants: in turns */
with was as materialized (
  select current_setting('synchronous_commit') as commits, set_config('lock_timeout', '${patienceMs}', true) as patience
),
claimed as materialized (select ${claimCall(schema)} as result from was),
loaded as materialized (select l.* from claimed cross join lateral (${loadedSql}) l),
fresh as materialized (
  select distinct (i->>'runId')::uuid as id from claimed, jsonb_array_elements(result->'items') i
  where (i->>'attempt')::int = 0 and (i->>'lost')::int = 0
),
known as (
  select k.* from (select $7::uuid as executor_id, $8::uuid as runner_id, $9::uuid[] as projects, $10::uuid[] as snapshots, $11::uuid[] as triggers, $12::uuid[] as jobs, $13::text[] as names, $14::text[] as adaptors offset 0) lists,
    lateral (select executor_id, runner_id, x.* from unnest(projects, snapshots, triggers, jobs, names, adaptors) as x(project_id, snapshot_id, trigger_id, job_id, job_name, adaptor)) k
),
asked as materialized (
  select distinct on (l.id) l.id as run_id, k.executor_id, l.epoch, k.runner_id, null::jsonb as starting_edges, k.project_id,
    l."workflowId" as workflow_id, l."messageId" as message_id, k.job_id, k.job_name, k.adaptor, 0 as ordinal, null::int as follows, null::uuid as input_dataclip_id
  from loaded l join fresh on fresh.id = l.id
    join known k on k.project_id = l."projectId" and k.snapshot_id = l."snapshotId" and k.trigger_id = l."startingTriggerId"
  where not l."hasBegun" and not l."isPaused" and l."waitsMs" = 0 and l."startingJobId" is null and l."dataclipId" is null and l.body <> ''
),
${startSql}
select case when row_number() over () = 1 then claimed.result end as result, loaded.*,
  step.id as "begunId", step.job_id as "begunJobId", step.epoch as "begunEpoch", step.runner_id as "begunWith", step.started_at as "begunAt",
  case when step.id is not null then set_config('synchronous_commit', was.commits, true) end as commits
from was cross join claimed left join loaded on true left join step on step.run_id = loaded.id`;

type Begun = { begunId: string; begunJobId: string; begunEpoch: number; begunWith: string; begunAt: Date };
type BegunRow = { [K in keyof Begun]?: Begun[K] | null } & { commits?: unknown };

const listsOf = ({ executorId, runnerId, beginnings }: Opening): unknown[] => {
  const each = (of: (one: Beginning) => string) => beginnings.map(of);
  return [
    ...[executorId, runnerId, each((one) => one.projectId), each((one) => one.snapshotId)],
    ...[each((one) => one.triggerId), each((one) => one.jobId), each((one) => one.jobName)],
    each((one) => one.adaptor),
  ];
};

/** A run's first step, as it is when nobody has had it. */
const firstStep = ({ begunId: id, ...row }: Begun): StepRow => ({
  ...{ id, ordinal: 0, jobId: row.begunJobId, epoch: row.begunEpoch, runnerId: row.begunWith },
  ...{ repeats: 0, attempt: 1, attemptId: null, attemptedAt: null, logLines: 0 },
  ...{ startedAt: row.begunAt, finishedAt: null, exitReason: null, errorType: null, errorMessage: null },
  ...{ takenEdges: null, outputDataclipId: null },
});

/**
 * Settles what is done and takes up to `room` runs, with what is needed to execute them: one statement. Null when the engine
 * must register anew first. With `opening`, steps begin with it, too: who is handed a run with a step that has begun has its
 * fence, under the epoch of the step. Throws what `isMet` knows when that met somebody who changes such a run.
 *
 * The statement sees what was committed before it began, the function in it a little more: a run that is not there yet, that
 * is large, or whose workflow is paused is for the executor to load.
 */
export async function claimRuns(
  sql: Sql,
  schema: string,
  asked: Asked,
  opening: Opening | null = null,
): Promise<Claim | null> {
  const { owner, done, room, after, projectLimit, known } = asked;
  const rows = await asWork({ kind: "pulse" }, () =>
    sql.query<{ result: Result | null } & (StoredRunRow | { id: null }) & BegunRow>(
      opening ? openSql(schema) : claimSql(schema),
      [owner, done, room, after, projectLimit, sqlJson(known), ...(opening ? listsOf(opening) : [])],
      `${schema}.${opening ? "open-runs" : "claim-runs"}`,
    ),
  );
  const result = rows[0]?.result;
  if (!result) return null;
  const loaded = new Map<string, LoadedRun>();
  for (const row of rows) if (row.id !== null && !row.isPaused) loaded.set(row.id, loadedRun(row));
  const { items, ...rest } = result;
  const claimed = items.map((item) => {
    const one = { ...item, id: String(item.id), owner, loaded: loaded.get(item.runId) };
    // Of two deliveries of one run, the first has what was begun.
    loaded.delete(item.runId);
    return one;
  });
  return { ...rest, claimed };
}

function loadedRun({ result: _, ...row }: { result: unknown } & StoredRunRow & BegunRow): LoadedRun {
  const { begunId, begunJobId, begunEpoch, begunWith, begunAt, commits: _commits, ...run } = row;
  const stored = storedRun(run);
  if (!begunId || !begunJobId || begunEpoch == null || !begunWith || !begunAt) return stored;
  return { ...stored, begun: firstStep({ begunId, begunJobId, begunEpoch, begunWith, begunAt }) };
}

/** Whether a claim that was to begin runs met somebody who changes one of them: made again without, it succeeds. */
export const isMet = (error: unknown): boolean => isConflict(error) || errorCode(error) === lockNotAvailable;

const lockNotAvailable = "55P03";

/** A delivery goes back, for at once or for later. */
export async function giveBack(
  sql: Sql,
  { id, owner, attempt }: Pick<Delivery, "id" | "owner" | "attempt">,
  delayMs: number,
): Promise<void> {
  await sql.query(
    `/* checked: held by whoever gives it back */ update outbox set held_by = null, attempt = $3,
       not_before = clock_timestamp() + $4::float8 * interval '1 ms'
     where id = $1 and held_by = $2`,
    [id, owner, attempt, delayMs],
    "lane.give-back",
  );
}

/**
 * Gives back what is held under this name and that nobody has in hand: the answer of a claim was lost. Claims that are still
 * under way are waited for.
 */
export async function disown(
  database: Database,
  schema: string,
  owner: string,
  inHand: string[],
): Promise<void> {
  await asWork({ kind: "pulse" }, () =>
    database.transaction(async (sql) => {
      await sql.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${schema} presence`]);
      await sql.query(
        `/* all tenants: the engine's own */ update outbox set held_by = null
         where held_by is not null and held_by = $1 and id <> all($2::bigint[])`,
        [owner, inHand],
      );
    }),
  );
}
