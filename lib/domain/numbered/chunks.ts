import { type SQL, sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { countedEntries } from "./page";
import type { Ranges } from "./ranges";

export type Place = { id: string; projectId: string };

/** How many rows are read at once: for so few PostgreSQL walks an index, for more it would rather read and sort a table. */
const mostAtOnce = 1_000;

const most = countedEntries + 1;

/** Rows at once, and how often, of each range. What is looked through is shared among the ranges. */
function steps({ count, condition }: Ranges) {
  const size = Math.min(mostAtOnce, Math.max(100, Math.ceil(most / count)));
  return { size, depth: Math.ceil(condition ? countedEntries / (size * count) : most / size) };
}

/**
 * The rows of each range, newest first, `size` at a time and at most `depth` times: `one` says, in aggregates over rows
 * `t`, what becomes of them. Answers a CTE `chunk`, with `n` rows each.
 */
function chunks(ranges: Ranges, { size, depth, one }: { size: number; depth: number; one: SQL }): SQL {
  const at = (values: Parameters<Ranges["of"]>[0], before?: SQL) => {
    const { where, newestFirst } = ranges.of(values, before);
    return sql`cross join lateral (
        select count(*)::int as n, min(t.id::text collate "C")::uuid as last, ${one}
        from (select t.* from ${sql.raw(ranges.table)} t where ${where} order by ${newestFirst} limit ${size}) t) c`;
  };
  const first = at({ project: sql`p.project`, state: sql`s.state` });
  const next = at({ project: sql`k.project`, state: sql`k.state` }, sql`k.last`);
  return sql`/* checked: by the ranges */ with recursive chunk as (
      select p.project, s.state, 1 as depth, c.* from ${ranges.each} ${first}
      union all select k.project, k.state, k.depth + 1, c.* from chunk k ${next} where k.n = ${size} and k.depth < ${depth})`;
}

/**
 * How many rows fit, up to one more than `countedEntries`; `isMore` when the search for them ended before the rows did.
 */
export async function count(ranges: Ranges): Promise<{ counted: number; isMore: boolean }> {
  const { condition } = ranges;
  const { size, depth } = steps(ranges);
  const one = condition ? sql`(count(*) filter (where ${condition}))::int as fit` : sql`count(*)::int as fit`;
  // Chunks that are not full are the last of their range, so among so many there are enough that are.
  const enough = condition ? sql`` : sql`limit ${Math.ceil(most / size) + ranges.count}`;
  const [found] = await rows<{ counted: number; isMore: boolean | null }>(
    ranges.db,
    sql`${chunks(ranges, { size, depth, one })}
      select coalesce(sum(fit), 0)::int as counted, bool_or(n = ${size} and depth = ${depth}) as "isMore"
      from (select n, depth, fit from chunk ${enough}) f`,
  );
  const counted = Math.min(found?.counted ?? 0, most);
  return { counted, isMore: condition !== undefined && found?.isMore === true };
}

/** The rows of a page, newest first, among those that are counted. */
export async function pageAt(ranges: Ranges, offset: number, pageSize: number): Promise<Place[]> {
  const { condition } = ranges;
  const end = offset + pageSize;
  const isShallow = !condition && end <= mostAtOnce;
  const { size, depth } = condition
    ? steps(ranges)
    : { size: mostAtOnce, depth: Math.ceil(end / mostAtOnce) };
  const fits = condition ? sql`filter (where ${condition})` : sql``;
  const one = sql`coalesce(array_agg(t.id) ${fits}, '{}') as ids, coalesce(array_agg(t.project_id) ${fits}, '{}') as projects`;
  const read = chunks(ranges, { ...(isShallow ? { size: end, depth: 1 } : { size, depth }), one });
  return rows<Place>(
    ranges.db,
    ranges.count === 1
      ? sql`${read} ${cutOut(offset, end)}`
      : sql`${read} ${merged} offset ${offset} limit ${pageSize}`,
  );
}

/** Of one range, whose chunks follow each other, the page is cut out: nothing but its rows is sorted. */
const cutOut = (offset: number, end: number) => sql`select f.id, f.project as "projectId"
  from (select depth, ids, projects, (sum(cardinality(ids)) over (order by depth) - cardinality(ids))::int as before from chunk) c
  cross join lateral unnest(c.ids[${offset}::int + 1 - c.before : ${end}::int - c.before],
    c.projects[${offset}::int + 1 - c.before : ${end}::int - c.before]) with ordinality f(id, project, at)
  order by c.depth, f.at`;

const merged = sql`select f.id, f.project as "projectId" from chunk c cross join lateral unnest(c.ids, c.projects) f(id, project)
  order by f.id desc`;
