import type { Database, Db, Sql } from "@/db/client";
import { queryOf } from "@/db/rows";
import type { Actor } from "@/lib/domain/context";
import { dropUnneeded } from "@/lib/domain/partition/drop";
import { partitionsOf } from "@/lib/domain/partition/parts";
import { atMost, type Pace, paceOf, paceWithin } from "@/lib/domain/purge/pace";
import { settledId } from "@/lib/domain/usage/count";
import { write } from "@/lib/domain/write";
import { type Persistence, type RetentionKind, retentionKinds, type WipedFor } from "@/lib/words";
import type { Retention } from "@/lib/workflow/types";
import { type Cuts, cutsOf, endOf, isNone, lowest } from "./cuts";
import { forgetIssues } from "./issues";
import { type Kind, kinds } from "./kinds";
import { retentionOf } from "./settings";
import { maxWeight, within } from "./weight";
import { hideLogs, piecesUpTo } from "./whole";

/** What carries retention out. */
export type Retainer = { db: Db } & Sql;

export type Retained = { projects: number; isDone: boolean };

type Project = { id: string; retention: Retention | null; persistence: Persistence };

/** What stands in the record for it. */
export const retainer: Actor = { type: "system", label: "retention" };

const batchRows = 200;
/** Rows that one look reads, to find those of which something is there still. */
const pageRows = 1_000;
const dayMs = 86_400_000;
/** Somebody may accept a refused request a day later, with an id of when it came; clocks differ. */
const walkAgainMs = 2 * dayMs;
const soonMs = 60_000;

/**
 * Takes away what projects do not keep any more, for about `budgetMs`, a few rows a transaction: project after project in
 * an order of chance, so that none waits for ever. Each batch moves its cursor in the commit that takes away, so that it
 * may be ended anywhere, and done by several at once. `isDone` is false while there is more to do now.
 */
export async function carryOutRetention(
  host: Database,
  budgetMs: number,
  { now = new Date(), only, lagMs }: { now?: Date; only?: string; lagMs?: number } = {},
): Promise<Retained> {
  const pace = paceOf(budgetMs);
  const projects = await host.query<Project>(
    `select id, retention, persistence from projects
     where (retention is not null or persistence <> 'retain_all' or exists (select 1 from logs_gone g where g.project_id = projects.id))
       and (retains_from is null or retains_from <= $1)
       and deletion_scheduled_at is null and ($2::uuid is null or id = $2::uuid)
     order by random()`,
    [now.toISOString(), only ?? null],
  );
  if (projects.length === 0) return { projects: 0, isDone: true };
  const settled = await settledId(host, lagMs);
  const failures: unknown[] = [];
  let isDone = true;
  const all = projects.map((project) => ({
    ...project,
    cuts: cutsOf(retentionOf(project), { now, settled }),
  }));
  const ends = await logsOutOfSight(host, all, { now, pace, failures });
  for (const { cuts, ...project } of all) {
    if (!pace.goesOn()) return { projects: projects.length, isDone: false };
    const end = ends.get(project.id) ?? lowest;
    const lines = { success: end, failure: end, unused: end };
    const share = paceWithin(pace, Math.max(1_000, budgetMs / projects.length));
    for (const kind of retentionKinds)
      try {
        const why = whyOf(project.persistence, kind);
        const over = kind === "lines" ? lines : cuts[kind];
        if (!(await walk(host, { projectId: project.id, kind, cuts: over, why, now }, share))) isDone = false;
      } catch (error) {
        // Nobody's defect keeps the others waiting.
        failures.push(error);
      }
    try {
      const forgetting = { db: host.db, actor: retainer, projectId: project.id, cuts };
      if (share.goesOn()) await share.run("issues", () => forgetIssues(forgetting));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { projects: projects.length, isDone };
}

type WithCuts = Project & { cuts: Record<RetentionKind, Cuts> };
type Pass = { now: Date; pace: Pace; failures: unknown[] };

/**
 * What logs every project is to lose goes out of sight, and the partitions that nobody needs then are dropped. Returns up to which
 * run of each project the lines of others go piece by piece.
 */
async function logsOutOfSight(
  host: Database,
  projects: readonly WithCuts[],
  { now, pace, failures }: Pass,
): Promise<Map<string, string>> {
  const ends = new Map<string, string>();
  const partitions = await partitionsOf(host, "log_lines");
  let isOver = false;
  for (const { id, cuts } of projects)
    try {
      if (!pace.goesOn()) break;
      const cut = cuts.lines.success;
      const { was, is } = await pace.run("hide", () =>
        hideLogs(host, { actor: retainer, projectId: id, cut, now }),
      );
      ends.set(id, piecesUpTo(partitions, { cut, is }));
      isOver ||= partitions.some(({ to }) => was < to && to <= is);
    } catch (error) {
      failures.push(error);
    }
  if (isOver) await dropUnneeded(host, now, pace);
  return ends;
}

const whyOf = (persistence: Persistence, kind: RetentionKind): WipedFor =>
  persistence !== "retain_all" && kind !== "logs" ? "persistence" : "retention";

type Walk = { projectId: string; kind: RetentionKind; cuts: Cuts; why: WipedFor; now: Date };

/** What one kind of a project comes to. Returns whether it has come to the end. */
async function walk(host: Retainer, of: Walk, pace: Pace): Promise<boolean> {
  const end = endOf(of.cuts);
  if (isNone(end)) return true;
  const kind = kinds[of.kind];
  let cursor = await cursorOf(host, of);
  for (;;) {
    if (!pace.goesOn()) return false;
    const page = await pageOf(host, kind, of.projectId, cursor, end);
    const last = page.at(-1);
    if (!last) break;
    let open = openOf(page);
    do {
      if (!pace.goesOn()) return false;
      const portion = pace.portion(of.kind);
      const ids = firstOf(open, portion);
      open = open.slice(ids.length);
      const next = open.length > 0 ? (ids.at(-1) ?? last.id) : last.id;
      await pace.run(of.kind, () => takeBatch(host, of, ids, { portion, cursor: next }));
      cursor = next;
    } while (open.length > 0);
  }
  return lookAgain(host, of, pace);
}

/** What one transaction takes of them: not too many, and not too much. */
const firstOf = (open: readonly Open[], portion: number): string[] =>
  within(open.slice(0, atMost(batchRows, portion)), atMost(maxWeight, portion)).map(({ id }) => id);

/** Where the walk is; once a day it goes two days back, for what came later with an id of then. */
async function cursorOf(sql: Sql, { projectId, kind, now }: Walk): Promise<string> {
  const [row] = await sql.query<{ cursor: string }>(
    `insert into retention_cursors as c (project_id, kind, cursor, walked_again_at)
     values ($1, $2, '00000000-0000-0000-0000-000000000000', $3)
     on conflict (project_id, kind) do update set
       cursor = case when c.walked_again_at < $3::timestamptz - interval '1 day' and c.cursor > id_at('2000-01-01')
         then id_at(moment_of(c.cursor) - $4::float8 * interval '1 ms') else c.cursor end,
       walked_again_at = case when c.walked_again_at < $3::timestamptz - interval '1 day' then $3 else c.walked_again_at end
     returning cursor`,
    [projectId, kind, now.toISOString(), walkAgainMs],
  );
  return row?.cursor ?? "00000000-0000-0000-0000-000000000000";
}

/** A row of which something is there still, and what weighs that may go. */
type Open = { id: string; weight: number };
type Looked = { id: string; weight: number | null };

const openOf = (looked: readonly Looked[]): Open[] =>
  looked.flatMap(({ id, weight }) => (weight === null ? [] : { id, weight }));

/** SQL over the row `t`: what weighs that may go; null when there is nothing. */
const openWeight = ({ isOpen, weight }: Kind): string => `(case when ${isOpen} then ${weight} end)::float8`;

const pageOf = (sql: Sql, kind: Kind, projectId: string, after: string, before: string): Promise<Looked[]> =>
  sql.query<Looked>(
    `select t.id, ${openWeight(kind)} as weight from (
       select * from ${kind.table} t where (t.project_id, t.id) > ($1::uuid, $2::uuid) and (t.project_id, t.id) < ($1::uuid, $3::uuid)
       order by t.project_id, t.id limit ${pageRows} offset 0) t
     where t.project_id = $1::uuid order by t.id`,
    [projectId, after, before],
  );

/** What was left, once it is to be looked at. Returns whether none of it is to be looked at now. */
async function lookAgain(host: Retainer, of: Walk, pace: Pace): Promise<boolean> {
  const kind = kinds[of.kind];
  for (;;) {
    if (!pace.goesOn()) return false;
    const left = await host.query<Looked>(
      `select l.item_id as id, case when t.id is not null then ${openWeight(kind)} end as weight
       from (select item_id from retention_left where project_id = $1 and kind = $2 and look_at <= $3 order by look_at limit ${batchRows}) l
       left join ${kind.table} t on t.id = l.item_id and t.project_id = $1`,
      [of.projectId, of.kind, of.now.toISOString()],
    );
    if (left.length === 0) return true;
    const open = openOf(left);
    const portion = pace.portion(of.kind);
    const ids = firstOf(open, portion);
    const later = new Set(open.slice(ids.length).map(({ id }) => id));
    const looked = left.map(({ id }) => id).filter((id) => !later.has(id));
    await pace.run(of.kind, () => takeBatch(host, of, ids, { portion, looked }));
  }
}

/** One transaction: what is over of these goes, what is left is noted, and the cursor moves behind them. */
function takeBatch(
  host: Retainer,
  { projectId, kind, cuts, why, now }: Walk,
  ids: string[],
  { portion, cursor, looked = [] }: { portion: number; cursor?: string; looked?: string[] },
): Promise<void> {
  return write({ db: host.db, actor: retainer, project: { id: projectId } }, "own", async (tx) => {
    const sql: Sql = { query: queryOf(tx) };
    const most = atMost(maxWeight, portion);
    const { left, more = [] } =
      ids.length > 0
        ? await kinds[kind].take(sql, { projectId, ids, cuts, why, at: now, most })
        : { left: [] };
    if (looked.length > 0)
      await sql.query(
        "delete from retention_left where project_id = $1 and kind = $2 and item_id = any($3::uuid[])",
        [projectId, kind, looked],
      );
    if (left.length > 0)
      await sql.query(
        `insert into retention_left as l (project_id, kind, item_id, look_at)
         select $1, $2, i.id, $4::timestamptz + case when i.id = any($6::uuid[]) then interval '0'
           when moment_of(i.id) > $4::timestamptz - interval '1 day'
           then $5::float8 * interval '1 ms'
           else least(24, greatest(1, extract(epoch from $4::timestamptz - moment_of(i.id)) / 86400)) * interval '1 hour' end
         from unnest($3::uuid[]) as i (id)
         on conflict (project_id, kind, item_id) do update set look_at = excluded.look_at`,
        [projectId, kind, left, now.toISOString(), soonMs, more],
      );
    if (cursor)
      await sql.query(
        "update retention_cursors set cursor = greatest(cursor, $3::uuid) where project_id = $1 and kind = $2",
        [projectId, kind, cursor],
      );
    return { result: undefined, audit: null, changed: null };
  });
}
