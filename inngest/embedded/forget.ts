import type { Database, Sql } from "@/db/client";
import { atMost, type Pace } from "@/lib/domain/purge/pace";

const pageRows = 500;

/**
 * Forgets every run whose events mention `text` (an id), with its calls, timers, waits, steps and event ids. It reads the
 * runs that are kept, a page a statement, and waits for no lock. Returns whether none is left; false when the pace ended
 * first. A call that is under way when its run is forgotten is dropped with its answer.
 */
export async function forgetMentions(
  database: Database,
  schema: string,
  text: string,
  pace: Pace,
): Promise<boolean> {
  const [table] = await database.query<{ isThere: boolean }>(
    `select to_regclass($1) is not null as "isThere"`,
    [`${schema}.run`],
  );
  if (!table?.isThere) return true;
  for (;;) {
    let after = "";
    let left = 0;
    for (;;) {
      if (!pace.goesOn()) return false;
      const most = atMost(pageRows, pace.portion("engine"));
      const { last, found } = await pace.run("engine", () =>
        nextPage(database, schema, { after, text, most }),
      );
      if (found.length > 0)
        left +=
          found.length -
          (await pace.run("engine", () => database.transaction((sql) => forget(sql, schema, found))));
      if (last === null) break;
      after = last;
    }
    if (left === 0) return true;
    await pace.rest();
  }
}

type RunPage = { last: string | null; found: string[] };

async function nextPage(
  sql: Sql,
  schema: string,
  { after, text, most }: { after: string; text: string; most: number },
): Promise<RunPage> {
  const [page] = await sql.query<RunPage>(
    `select max(id) as last, coalesce(array_agg(id) filter (where strpos(events::text, $2) > 0), '{}') as found
     from (select id, events from ${schema}.run where id > $1 order by id limit $3::int) page`,
    [after, text, most],
  );
  return page ?? { last: null, found: [] };
}

/** Run first, as everywhere (README). Returns how many were free. */
async function forget(sql: Sql, schema: string, ids: string[]): Promise<number> {
  const free = await sql.query<{ id: string; events: string[] }>(
    `select id, array(select e->>'id' from jsonb_array_elements(events) e) as events
     from ${schema}.run where id = any($1) order by id for update skip locked`,
    [ids],
  );
  const runs = free.map(({ id }) => id);
  for (const table of ["queue", "timer", "wait", "step", "idempotency"])
    await sql.query(`delete from ${schema}.${table} where run_id = any($1)`, [runs]);
  await sql.query(`delete from ${schema}.event where id = any($1)`, [free.flatMap(({ events }) => events)]);
  await sql.query(`delete from ${schema}.run where id = any($1)`, [runs]);
  return runs.length;
}
