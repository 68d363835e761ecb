import type { Database, Sql } from "@/db/client";
import { asWork } from "@/db/deadline";
import { loadSql, type StoredRunRow, storedRun } from "@/lib/execution/postgres/load-runs";
import type { StoredRun } from "@/lib/execution/storage";
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

/** A delivery, and the run where it was read along. */
export type Claimed = Delivery & { loaded: StoredRun | undefined };

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

const claimSql = (schema: string) => `/* all tenants: in turns */
with claimed as materialized (
  select ${schema}.claim_runs($1, $2::bigint[], $3, $4::uuid, $5, '{${headStarts.join(",")}}', $6::jsonb) as result
)
select case when row_number() over () = 1 then claimed.result end as result, loaded.*
from claimed left join lateral (
  ${loadSql(`(select (i->>'runId')::uuid as id from jsonb_array_elements(claimed.result->'items') i)`)}
    and coalesce(m.size, 0) <= ${loadedBytes} and coalesce(d.size, 0) <= ${loadedBytes}
) loaded on true`;

/**
 * Settles what is done and takes up to `room` runs, with what is needed to execute them: one statement. Null when the engine
 * must register anew first.
 *
 * The statement sees what was committed before it began, the function in it a little more: a run that is not there yet, that
 * is large, or whose workflow is paused is for the executor to load.
 */
export async function claimRuns(sql: Sql, schema: string, asked: Asked): Promise<Claim | null> {
  const { owner, done, room, after, projectLimit, known } = asked;
  const rows = await asWork({ kind: "pulse" }, () =>
    sql.query<{ result: Result | null } & (StoredRunRow | { id: null })>(
      claimSql(schema),
      [owner, done, room, after, projectLimit, sqlJson(known)],
      `${schema}.claim-runs`,
    ),
  );
  const result = rows[0]?.result;
  if (!result) return null;
  const loaded = new Map<string, StoredRun>();
  for (const { result: _, ...row } of rows)
    if (row.id !== null && !row.isPaused) loaded.set(row.id, storedRun(row));
  const { items, ...rest } = result;
  const claimed = items.map((item) => ({
    ...item,
    id: String(item.id),
    owner,
    loaded: loaded.get(item.runId),
  }));
  return { ...rest, claimed };
}

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
