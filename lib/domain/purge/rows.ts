import type { Sql } from "@/db/client";
import type { Pace } from "./pace";

/**
 * The batches in which rows are deleted, a project's or (with `before`) those that are old. Each statement is one
 * transaction of a bounded size that locks rows of one table, and none that somebody else holds: it waits for nobody, so
 * it is never part of a deadlock, whatever order others lock in. Rows that were passed over come with the next pass.
 */

/** Rows that go before the row they belong to: `of` is SQL for their place, over `$1` (ids) and `$2` (the project). */
export type Child = { table: string; of: string };

export type Rows = {
  /** It has `project_id` and a time-ordered or random `id`, and an index on the two. */
  table: string;
  children?: Child[];
  /** SQL over the row `t` that says whether nothing that would be deleted along with it is left. */
  isAlone?: string;
  /** Column that tells how large the row is. */
  bytes?: string;
};

const maxRows = 200;
const maxChildren = 5_000;
const maxBytes = 16_000_000;
const lowest = "00000000-0000-0000-0000-000000000000";
const highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Deletes the rows of a project, with an id up to `until` where it is given. Returns whether none is left; false when the
 * pace ended first, or others hold rows for long: ask again later. What is deleted stays deleted, so it may end anywhere.
 */
export async function deleteRows(
  sql: Sql,
  rows: Rows,
  { projectId, until = highest }: { projectId: string; until?: string },
  pace: Pace,
): Promise<boolean> {
  for (let passes = 0; passes < 20; passes++) {
    let after = lowest;
    let left = 0;
    for (;;) {
      if (!pace.goesOn()) return false;
      const ids = await nextIds(sql, rows, projectId, after, until);
      const last = ids.at(-1);
      if (!last) break;
      after = last;
      for (const child of rows.children ?? [])
        if (!(await deleteChildren(sql, child, ids, projectId, pace))) return false;
      left += ids.length - (await pace.run(() => deleteByIds(sql, rows, ids, projectId)));
    }
    if (left === 0) return true;
    await pace.rest();
  }
  return false;
}

async function nextIds(
  sql: Sql,
  { table, bytes = "0" }: Rows,
  projectId: string,
  after: string,
  until: string,
): Promise<string[]> {
  // The first is always taken, however large it is.
  const found = await sql.query<{ id: string }>(
    `select id from (
       select id, sum(bytes) over (order by id) - bytes as before from (
         select id, ${bytes} as bytes from ${table}
         where (project_id, id) > ($1::uuid, $2::uuid) and (project_id, id) <= ($1::uuid, $3::uuid)
         order by project_id, id limit ${maxRows}) page) counted
     where before < ${maxBytes} order by id`,
    [projectId, after, until],
    `purge.${table}.next`,
  );
  return found.map(({ id }) => id);
}

async function deleteByIds(
  sql: Sql,
  { table, isAlone = "true" }: Rows,
  ids: string[],
  projectId: string,
): Promise<number> {
  const gone = await sql.query(
    `delete from ${table} where id = any(array(
       select t.id from ${table} t where t.id = any($1::uuid[]) and t.project_id = $2 and ${isAlone} for update skip locked))
     returning id`,
    [ids, projectId],
    `purge.${table}`,
  );
  return gone.length;
}

/** Returns false when the pace ended first. Children that others hold stay, and so does what they belong to. */
async function deleteChildren(
  sql: Sql,
  { table, of }: Child,
  ids: string[],
  projectId: string,
  pace: Pace,
): Promise<boolean> {
  for (;;) {
    const gone = await pace.run(() =>
      sql.query(
        `delete from ${table} where ctid = any(array(${of} limit ${maxChildren} for update of t skip locked)) returning 1`,
        [ids, projectId],
      ),
    );
    if (gone.length < maxChildren) return true;
    if (!pace.goesOn()) return false;
  }
}

/** Deletes what few rows `where` (SQL about `$1`) finds, batch by batch. Returns whether none is left. */
export async function deleteWhere(
  sql: Sql,
  table: string,
  where: string,
  value: string,
  pace: Pace,
): Promise<boolean> {
  while (pace.goesOn()) {
    const gone = await pace.run(() =>
      sql.query(
        `delete from ${table} where ctid = any(array(select ctid from ${table} where ${where} limit ${maxRows} for update skip locked))
         returning 1`,
        [value],
      ),
    );
    if (gone.length === maxRows) continue;
    const [rest] = await sql.query(`select 1 from ${table} where ${where} limit 1`, [value]);
    if (!rest) return true;
    await pace.rest();
  }
  return false;
}
