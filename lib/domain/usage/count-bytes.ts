import type { Database } from "@/db/client";
import { isThereSql } from "@/lib/state/repeated";
import { settledId } from "./count";

/** Rows that are counted in one transaction, and transactions in one go. */
const maxRows = 5_000;
const maxRounds = 20;
/** What is younger may still be written to: most runs have ended by then, and their logs are whole. */
const usualLagMs = 3_600_000;

/**
 * Counts by day how much everybody has stored: messages and the sizes of their bodies, the sizes of states, and the bytes of
 * logs, from where the last count ended; an installation that is older than this begins with its first message. Sizes are
 * columns: nothing that a message's way writes is read but those. What is wiped before it is counted has no bytes.
 * Returns whether it came to the end.
 */
export async function countBytes(
  database: Database,
  { rowsAtOnce = maxRows, lagMs = usualLagMs, rounds = maxRounds } = {},
): Promise<boolean> {
  const end = await settledId(database, lagMs);
  for (let round = 0; round < rounds; round++) {
    const [counted] = await database.query<{ isEnd: boolean }>(countSome(rowsAtOnce), [end]);
    if (!counted || counted.isEnd) return true;
  }
  return false;
}

/** The id before which so many rows of a table come, behind what is counted; the end when there are fewer. */
const before = (table: string, rows: number) =>
  `coalesce((select t.id from ${table} t where t.id >= was.bytes_to order by t.id offset ${rows} limit 1), $1::uuid)`;

/** No row: somebody else counts just now, or all is counted. */
const countSome = (rows: number) => `
/* all tenants: each one's bytes are counted for it */
with was as (select bytes_to from usage_counted where bytes_to < $1::uuid for update skip locked),
bounds as materialized (
  select was.bytes_to as after, least($1::uuid, ${["messages", "dataclips", "steps"].map((table) => before(table, rows)).join(", ")}) as before
  from was
),
found as (
  select m.project_id, m.id, 1 as messages, case when m.wiped_at is null then m.size else 0 end as body, 0 as state, 0 as log from bounds cross join lateral (
    select m.project_id, m.id, m.size, m.wiped_at from messages m where m.id >= bounds.after and m.id < bounds.before offset 0) m
  union all
  select d.project_id, d.id, 0, 0, d.size, 0 from bounds cross join lateral (
    select d.project_id, d.id, d.size from dataclips d
    where d.id >= bounds.after and d.id < bounds.before and ${isThereSql("d")} offset 0) d
  union all
  select s.project_id, s.id, 0, 0, 0, l.bytes from bounds cross join lateral (
    select s.project_id, s.id from steps s
    where s.id >= bounds.after and s.id < bounds.before and s.log_lines > 0 and s.wiped_at is null offset 0) s
  cross join lateral (select coalesce(sum(octet_length(l.message)), 0) as bytes from log_lines l where l.step_id = s.id offset 0) l
),
days as (
  select project_id, (moment_of(id) at time zone 'UTC')::date as day, sum(messages) as messages, sum(body::bigint) as body,
    sum(state::bigint) as state, sum(log) as log
  from found group by 1, 2
),
counted as (
  insert into usage_days as u (project_id, day, messages, body_bytes, state_bytes, log_bytes)
  select d.project_id, d.day, d.messages, d.body, d.state, d.log from days d join projects p on p.id = d.project_id order by 1, 2
  on conflict (project_id, day) do update set messages = u.messages + excluded.messages,
    body_bytes = u.body_bytes + excluded.body_bytes, state_bytes = u.state_bytes + excluded.state_bytes,
    log_bytes = u.log_bytes + excluded.log_bytes
)
update usage_counted set bytes_to = bounds.before from bounds returning bounds.before = $1::uuid as "isEnd"`;
