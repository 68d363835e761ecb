import type { Sql } from "@/db/client";
import { statement } from "@/db/statement";

/** A run that waits for nothing but an engine, and whose row does not wait in the outbox. */
export type WaitingRun = {
  id: string;
  projectId: string;
  /** How often it was handed back: part of its event's name. */
  askedAgain: number;
  /** Milliseconds since it was made or handed back. */
  waitedMs: number;
};

/** Below every id. */
export const firstId = "00000000-0000-0000-0000-000000000000";
const projectsATurn = 25;
export const runsAProject = 10;
export const runsAPage = 100;

/**
 * Runs of the project `of` that wait for longer than `ageMs`, behind `after`, `count` of them. Rows leave the outbox about in
 * a project's own order, so that what is older than its first row that waits has left, or is in somebody's hands: steps of one
 * index each, however much waits.
 */
const oldest = (of: string, after: string, ageMs: string, count: number) => `
  select id, project_id as "projectId", asked_again as "askedAgain",
    floor(extract(epoch from now() - greatest(created_at, handed_back_at)) * 1000)::float8 as "waitedMs"
  from runs
  where project_id = ${of} and state = 'pending' and waits_for is null and id > ${after}::uuid
    and greatest(created_at, handed_back_at) < least(
      now() - ${ageMs}::float8 * interval '1 ms',
      (select o.created_at from outbox o where o.project_id = ${of} and o.held_by is null and o.not_before is null
        order by o.project_id, o.id limit 1))
  order by id limit ${count}`;

const turn = statement<{ after: string; ageMs: number }>(
  (p) => `/* all tenants: the safety net */
with turn as materialized (
  select p.id from projects p
  where p.id > ${p.after}::uuid and p.deletion_scheduled_at is null
    and exists (select 1 from runs r where r.project_id = p.id and r.state = 'pending' and r.waits_for is null)
  order by p.id limit ${projectsATurn}
),
found as materialized (
  select r.* from turn cross join lateral (${oldest("turn.id", `'${firstId}'`, p.ageMs, runsAProject)}) r
)
select (select count(*)::int from turn) as projects, (select id from turn order by id desc limit 1) as last,
  coalesce((select json_agg(found order by id) from found), '[]') as runs`,
);

const ofProject = statement<{ projectId: string; after: string; ageMs: number }>((p) =>
  oldest(`${p.projectId}::uuid`, p.after, p.ageMs, runsAPage),
);

/** The oldest waiting runs of some projects; `after` is the project behind which the next turn is, null when it was the last. */
export type Turn = { runs: WaitingRun[]; after: string | null };

/** Projects in turn, those whose id is above `after`, and the oldest runs of each that wait for longer than `ageMs`. */
export async function nextTurn(sql: Sql, after: string, ageMs: number): Promise<Turn> {
  const [row] = await sql.query<{ projects: number; last: string | null; runs: WaitingRun[] }>(
    turn.text,
    turn.values({ after, ageMs }),
    "forgotten.turn",
  );
  return { runs: row?.runs ?? [], after: row?.projects === projectsATurn ? row.last : null };
}

/** The next waiting runs of one project, behind the run `after`. */
export const nextOfProject = (
  sql: Sql,
  projectId: string,
  after: string,
  ageMs: number,
): Promise<WaitingRun[]> =>
  sql.query<WaitingRun>(
    ofProject.text,
    ofProject.values({ projectId, after, ageMs }),
    "forgotten.of-project",
  );

/**
 * Locks those of these runs that wait for longer than `ageMs` still, and that nobody else has locked. Returns their ids.
 * What is in the outbox after all, because two rows were written in another order than they began, is not among them.
 */
export async function stillWaiting(sql: Sql, runIds: string[], ageMs: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `/* checked: of runs that were found */ select id from runs
     where id = any($1::uuid[]) and state = 'pending' and waits_for is null and greatest(created_at, handed_back_at) < now() - $2::float8 * interval '1 ms'
       and id::text not in (
         select o.data->>'runId' from outbox o
         where o.event = 'run/requested' and o.data->>'runId' = any($1::text[])
       )
     order by id for no key update skip locked`,
    [runIds, ageMs],
    "forgotten.still-waiting",
  );
  return rows.map((row) => row.id);
}
