import type { Database, Sql } from "@/db/client";
import { type Rows, readRows } from "@/lib/testing/outcomes/reference";
import type { RunState } from "@/lib/words";
import type { Told } from "./load";
import type { Effect } from "./sink";

export type StoredRun = {
  id: string;
  state: RunState;
  stepFailed: boolean;
  errorMessage: string | null;
  createdAt: Date;
};
export type StoredStep = {
  id: string;
  handled: boolean;
  repeats: number;
  /** Nothing is known of a connection that it opened. */
  reachedNobody: boolean;
};

/** What is kept for lists, filters and counts, and has to agree with what happened. */
export type Stored = {
  messages: { id: string; n: number | null }[];
  runs: StoredRun[];
  steps: StoredStep[];
  orders: { id: string; state: RunState; stepFailed: boolean }[];
  pairs: { messageId: string; jobId: string; word: string; stepId: string | null }[];
};

/** Everything that the account is made from. */
export type Facts = {
  told: Told;
  effects: Effect[];
  jobs: Map<string, { name: string; writes: boolean }>;
  rows: Rows;
  stored: Stored;
  outbox: number;
  /** What the embedded engine's queue says of runs that wait, by their ids. */
  queued: Map<string, string>;
  /** When the load had stopped and the faults were over: what the clock started later may still be under way. */
  quietSince: Date;
  /** Names of processes that do not run. */
  down: string[];
  /** What health says when it is not ok. */
  problem: string | null;
  /** Frozen processes that nobody replaced. */
  notReplaced: string[];
};

type InDatabase = Pick<Facts, "rows" | "stored" | "outbox" | "queued">;

/** The part of the facts that is in the database, all of the same moment. */
export const readDatabase = (
  database: Database,
  projectIds: string[],
  quietSince: Date,
): Promise<InDatabase> =>
  database.transaction(async (sql) => {
    await sql.query("set transaction isolation level repeatable read");
    return readAll(sql, projectIds, quietSince);
  });

async function readAll(sql: Sql, projectIds: string[], quietSince: Date): Promise<InDatabase> {
  const rows: Rows = { messages: [], runs: [], steps: [], rejected: [] };
  for (const id of projectIds) {
    const own = await readRows(sql, id);
    rows.messages.push(...own.messages);
    rows.runs.push(...own.runs);
    rows.steps.push(...own.steps);
    rows.rejected.push(...own.rejected);
  }
  const of = [projectIds];
  const stored: Stored = {
    messages: await sql.query(
      `select id, (convert_from(body, 'utf8')::jsonb->>'n')::int as n from messages where project_id = any($1)`,
      of,
    ),
    runs: await sql.query(
      `select id, state, step_failed as "stepFailed", error_message as "errorMessage", created_at as "createdAt"
       from runs where project_id = any($1)`,
      of,
    ),
    steps: await sql.query(
      `select id, handled, repeats, coalesce(jsonb_array_length(connections), 0) = 0 as "reachedNobody"
       from steps where project_id = any($1)`,
      of,
    ),
    orders: await sql.query(
      `select id, state, step_failed as "stepFailed" from work_orders where project_id = any($1)`,
      of,
    ),
    pairs: await sql.query(
      `select message_id as "messageId", job_id as "jobId", result as word, step_id as "stepId"
       from job_states where project_id = any($1)`,
      of,
    ),
  };
  const [box] = await sql.query<{ n: number }>(
    "select count(*)::int as n from outbox where created_at <= $1",
    [quietSince],
  );
  return { rows, stored, outbox: box?.n ?? 0, queued: await readQueue(sql) };
}

async function readQueue(sql: Sql): Promise<Map<string, string>> {
  const found = await sql.query<{ runId: string; words: string }>(
    `select data->>'runId' as "runId", format('attempt %s, not before %s, %s', attempt, coalesce(not_before::text, 'now'),
       coalesce('held by ' || held_by, 'held by nobody')) as words
     from outbox where event = 'run/requested'`,
  );
  return new Map(found.map(({ runId, words }) => [runId, words]));
}

/** How much of what was there at `since` waits or goes on. */
export async function unfinished(sql: Sql, since: Date): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    `select (select count(*) from runs where state in ('pending', 'running') and created_at <= $1)::int
       + (select count(*) from outbox where created_at <= $1)::int as n`,
    [since],
  );
  return row?.n ?? 0;
}
