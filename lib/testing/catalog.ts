import type { Sql } from "@/db/client";

/**
 * What a schema of the database holds, one line a column, constraint, index and function, sorted: two schemas that were
 * made in different ways are equal when these are. The schema's own name is left out, and so is into which partitions a table
 * is divided; `storage` adds the tables' options.
 */
export async function catalogOf(sql: Sql, schema: string, { storage = false } = {}): Promise<string[]> {
  const rows = await sql.query<{ line: string }>(
    `with tables as (
        select c.oid, c.relname, c.reloptions from pg_class c
          where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition)
      select format('table %s', relname) || case when $2 then ' ' || coalesce(reloptions::text, '') else '' end as line from tables
      union all
      select format('column %s.%s %s%s%s%s', t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then ' not null' else '' end, ' default ' || pg_get_expr(d.adbin, d.adrelid),
          format(' %s%s', a.attidentity, a.attgenerated))
        from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
      union all
      -- A check that was added without reading the old rows is the same check.
      select format('constraint %s.%s %s', t.relname, k.conname, replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''))
        from tables t join pg_constraint k on k.conrelid = t.oid where k.contype <> 'n'
      union all
      select format('index %s', replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')) from tables t join pg_index i on i.indrelid = t.oid
      union all
      select format('function %s', pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace = $1::regnamespace`,
    [schema, storage],
  );
  return rows.map(({ line }) => line.replaceAll(`${schema}.`, "").replaceAll(`'${schema} `, "'")).sort();
}

/** The lines that only one of two catalogs has. */
export const difference = (a: string[], b: string[]) => ({
  onlyFirst: a.filter((line) => !b.includes(line)),
  onlySecond: b.filter((line) => !a.includes(line)),
});
