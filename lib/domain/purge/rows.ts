import type { Sql } from "@/db/client";
import { atMost, type Pace } from "./pace";

/**
 * The batches in which rows are deleted, a project's or (with `before`) those that are old. Each statement is one
 * transaction of a bounded size that locks rows of one table, and none that somebody else holds: it waits for nobody, so
 * it is never part of a deadlock, whatever order others lock in. Rows that were passed over come with the next pass.
 */

/**
 * Rows that go before the row they belong to: `of` is SQL for their place, over `$1` (ids) and `$2` (the project). In a table
 * that is partitioned several rows have one place: there it is `owners`, SQL for the ids that such rows are of, and their `key`,
 * which begins with that id.
 */
export type Child = { table: string } & ({ of: string } | { owners: string; key: [id: string, ...string[]] });

export type Rows = {
  /** It has `project_id` and a time-ordered or random `id`, and an index on the two. */
  table: string;
  children?: Child[];
  /** SQL over the row `t` that says whether nothing that would be deleted along with it is left. */
  isAlone?: string;
  /** Column that tells how large the row is. */
  bytes?: string;
};

/** What one statement deletes at most; the pace says how much of it. */
const maxRows = 800;
const maxChildren = 5_000;
const maxBytes = 8_000_000;
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
      const ids = await nextIds(sql, rows, { projectId, after, until }, pace.portion(rows.table));
      const last = ids.at(-1);
      if (!last) break;
      after = last;
      for (const child of rows.children ?? [])
        if (!(await deleteChildren(sql, child, ids, projectId, pace))) return false;
      left += ids.length - (await pace.run(rows.table, () => deleteByIds(sql, rows, ids, projectId)));
    }
    if (left === 0) return true;
    await pace.rest();
  }
  return false;
}

async function nextIds(
  sql: Sql,
  { table, bytes = "0" }: Rows,
  { projectId, after, until }: { projectId: string; after: string; until: string },
  portion: number,
): Promise<string[]> {
  // The first is always taken, however large it is.
  const found = await sql.query<{ id: string }>(
    `select id from (
       select id, sum(bytes) over (order by id) - bytes as before from (
         select id, ${bytes} as bytes from ${table}
         where (project_id, id) > ($1::uuid, $2::uuid) and (project_id, id) <= ($1::uuid, $3::uuid)
         order by project_id, id limit $4::int) page) counted
     where before < $5::int order by id`,
    [projectId, after, until, atMost(maxRows, portion), atMost(maxBytes, portion)],
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
    `delete from ${table} where ctid = any(array(
       select t.ctid from ${table} t where t.id = any($1::uuid[]) and t.project_id = $2 and ${isAlone} for update skip locked))
     returning 1`,
    [ids, projectId],
    `purge.${table}`,
  );
  return gone.length;
}

/** Returns false when the pace ended first. Children that others hold stay, and so does what they belong to. */
async function deleteChildren(
  sql: Sql,
  child: Child,
  ids: string[],
  projectId: string,
  pace: Pace,
): Promise<boolean> {
  const { table } = child;
  const { text, values } =
    "of" in child
      ? {
          text: `delete from ${table} where ctid = any(array(${child.of} limit $3::int for update of t skip locked)) returning 1`,
          values: [ids, projectId],
        }
      : await byKey(sql, child, [ids, projectId]);
  for (;;) {
    const most = atMost(maxChildren, pace.portion(table));
    const gone = await pace.run(table, () => sql.query(text, [...values, most]));
    if (gone.length < most) return true;
    if (!pace.goesOn()) return false;
  }
}

/** The owners' ids are values of the statement, so that it is planned for their partitions alone. */
async function byKey(
  sql: Sql,
  { table, owners, key }: { table: string; owners: string; key: [id: string, ...string[]] },
  of: unknown[],
) {
  const [id] = key;
  const found = await sql.query<{ id: string }>(owners, of);
  const isTheirs = `/* checked: of the owners */ ${id} = any($1::uuid[])`;
  return {
    text: `delete from ${table} where ${isTheirs} and (${key}) in (
             select ${key} from ${table} where ${isTheirs} limit $2::int for update skip locked) returning 1`,
    values: [found.map((owner) => owner.id)],
  };
}

/** The rows of a table that `where` (SQL, about `$1` and so on) finds; `bytes` is SQL for how large one is. */
export type Found = { table: string; where: string; bytes?: string };

/** Deletes what is found, batch by batch. Returns whether none is left. */
export async function deleteFound(
  sql: Sql,
  { table, where, bytes = "0" }: Found,
  values: readonly string[],
  pace: Pace,
): Promise<boolean> {
  const [rows, size] = [values.length + 1, values.length + 2];
  while (pace.goesOn()) {
    const portion = pace.portion(table);
    const gone = await pace.run(table, () =>
      sql.query(
        `delete from ${table} where ctid = any(array(
           select t.ctid from ${table} t where t.ctid = any(array(
             select place from (
               select place, sum(bytes) over (rows unbounded preceding) - bytes as before from (
                 select ctid as place, ${bytes} as bytes from ${table} where ${where} limit $${rows}::int) page) counted
             where before < $${size}::int)) for update skip locked))
         returning 1`,
        [...values, atMost(maxRows, portion), atMost(maxBytes, portion)],
      ),
    );
    if (gone.length > 0) continue;
    const [rest] = await sql.query(`select 1 from ${table} where ${where} limit 1`, [...values]);
    if (!rest) return true;
    await pace.rest();
  }
  return false;
}
