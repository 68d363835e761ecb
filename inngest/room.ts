import type { Sql } from "@/db/client";
import { statement } from "@/db/statement";
import type { OutboxEvent } from "./outbox";

/**
 * Of these runs, those that begin as soon as somebody is told of them: their projects have no more runs under way and
 * waiting than may go at once. A workflow's own limit counts as if it were the project's.
 */
const room = statement<{ runs: string[]; projects: string[]; atOnce: number }>(
  (p) => `/* checked: of runs in hand */
select r.id from runs r
join projects on projects.id = r.project_id
join workflows w on w.id = r.workflow_id and w.project_id = r.project_id
where r.id = any(${p.runs}::uuid[]) and r.project_id = any(${p.projects}::uuid[])
  and (select count(*) from (
    select 1 from runs b where b.project_id = r.project_id and b.state = 'running' limit ${p.atOnce}::int + 1) begun)
  + (select count(*) from (
    select 1 from runs a where a.project_id = r.project_id and a.state = 'pending' and a.waits_for is null limit ${p.atOnce}::int + 1) asked)
  <= least(${p.atOnce}::int, w.concurrency, projects.concurrency)`,
);

/** A first request for a run, of which Inngest is to keep nothing for later. What it may have to keep is an event, which has a name. */
const isPlain = ({ name, ts, data }: OutboxEvent) =>
  name === "run/requested" && ts === undefined && !data.again && Number(data.priority) >= 0;

/** The names of those of these events whose runs there is room for, when `atOnce` runs of a project go at once. */
export async function withRoom(sql: Sql, events: OutboxEvent[], atOnce: number): Promise<Set<string>> {
  const plain = events.filter(isPlain);
  if (plain.length === 0) return new Set();
  const ids = (key: string) => [...new Set(plain.map((event) => String(event.data[key])))];
  const rows = await sql.query<{ id: string }>(
    room.text,
    room.values({ runs: ids("runId"), projects: ids("projectId"), atOnce }),
    "room",
  );
  const found = new Set(rows.map(({ id }) => id));
  return new Set(plain.filter(({ data }) => found.has(String(data.runId))).map(({ id }) => id));
}
