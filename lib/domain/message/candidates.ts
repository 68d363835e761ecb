import { type SQL, sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { Candidate } from "@/lib/domain/text-search";
import { needlesOf } from "@/lib/search/needles";
import type { Term } from "@/lib/search/terms";
import { direction, type Order } from "./ids";

export type Candidates = {
  candidates: Candidate[];
  /** The last id of the scope, after which there may be others; null when it has no more. */
  goOn: string | null;
};

type Asked = {
  /** Selects at most so many ids, in order. */
  scopeOf: (limit: number) => SQL;
  order: Order;
  /** How many messages of the scope are looked at. */
  window: number;
  /** What they must say; null when that cannot be told from their bytes. */
  terms: readonly Term[] | null;
};

/**
 * The messages of a scope that may say what is looked for: the place for an index. Without one, each message is looked at
 * where it is stored, and what surely says something else is left out; the rest is read.
 */
export async function candidatesOf(
  { db, project }: Context,
  { scopeOf, order, window, terms }: Asked,
): Promise<Candidates> {
  const isAsked = terms ? mayHold(sql`m`, needlesOf(terms)) : sql`true`;
  const [found] = await rows<{ looked: number; last: string | null; candidates: [string, number][] }>(
    db,
    sql`with scope as materialized (${scopeOf(window)})
        select count(*)::int as looked,
          (select id from scope order by id ${direction(order === "newestFirst" ? "oldestFirst" : "newestFirst")} limit 1) as last,
          coalesce(json_agg(json_build_array(m.id, ${searchedBytes(sql`m`)}) order by m.id ${direction(order)}) filter (where ${isAsked}), '[]') as candidates
        from scope join messages m on m.id = scope.id and m.project_id = ${project.id}`,
  );
  return {
    candidates: (found?.candidates ?? []).map(([id, bytes]) => ({ id, bytes })),
    goOn: found && found.looked >= window ? found.last : null,
  };
}

/** What a message's texts come to, told without reading them: a view is kept compressed, at a few bytes for one. */
export const searchedBytes = (m: SQL): SQL =>
  sql`case when ${m}.format in ('binary', 'empty', 'multipart') then 0 else ${m}.size::bigint end
    + 5 * coalesce(pg_column_size(${m}.view), 0)`;

/** Letters that are another one when they are made small, or that vanish: Kelvin's sign, the Turkish İ, a dot above. */
const folding = ["\\342\\204\\252", "\\304\\260", "\\314\\207"];

/** Larger bodies are read a few at a time instead, so that no statement goes through gigabytes. */
const mostBytes = 16_000;

/** What hides a letter from whoever looks at the bytes. */
const escapes = { json: "\\\\u", form: "%" } as const;

/**
 * False only of a message that surely does not have one needle of each group in what it says or in how it was written:
 * of plain UTF-8 without escapes that is not long.
 */
function mayHold(m: SQL, needles: string[][]): SQL {
  if (needles.length === 0) return sql`true`;
  // Bytes as text: ASCII as it is, every other byte as an octal number.
  const bytes = sql`/* body here: too small to lie apart */ lower(encode(${m}.body, 'escape') collate "C")`;
  const has = (text: string) => sql`strpos(said, ${text}) > 0`;
  const any = (texts: readonly string[]) => sql`(${sql.join(texts.map(has), sql` or `)})`;
  const all = sql.join(needles.map(any), sql` and `);
  const hidden = needles.flat().some((needle) => /[ik]/.test(needle)) ? sql` or ${any(folding)}` : sql``;
  return sql`case
    when ${m}.format in ('binary', 'empty') then false
    when ${m}.size > ${mostBytes} or ${m}.format not in ('json', 'text', 'form') or ${m}.reading is not null or (${m}.view is not null and ${m}.format <> 'form') then true
    else (
      select (${all}) or (${m}.format = 'json' and ${has(escapes.json)}) or (${m}.format = 'form' and ${has(escapes.form)}) ${hidden}
      from (select ${bytes} as said offset 0) written
    ) end`;
}
