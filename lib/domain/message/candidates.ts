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

/** Selects these columns of `m` from messages: of the first so many in the scope's order, themselves in any. */
export type Scope = (limit: number, columns: SQL) => SQL;

type Asked = {
  scopeOf: Scope;
  order: Order;
  /** How many messages of the scope are looked at. */
  window: number;
  /** What they must say; null when that cannot be told from their bytes. */
  terms: readonly Term[] | null;
};

/**
 * The messages of a scope that may say what is looked for: the place for an index. Without one, each message is looked at
 * where it is stored, as it is walked past, and what surely says something else is left out; the rest is read.
 */
export async function candidatesOf(
  { db }: Context,
  { scopeOf, order, window, terms }: Asked,
): Promise<Candidates> {
  const isAsked = terms ? mayHold(sql`m`, needlesOf(terms)) : sql`true`;
  const columns = sql`m.id, m.format, m.size, m.reading, m.view, /* body here: only of those too small to lie apart */ m.body`;
  const last = direction(order === "newestFirst" ? "oldestFirst" : "newestFirst");
  const [found] = await rows<{ looked: number; last: string | null; candidates: [string, number][] }>(
    db,
    sql`select cardinality(ids) as looked, (select id from unnest(ids) id order by id ${last} limit 1) as last, candidates
        from (
          select coalesce(array_agg(m.id), '{}') as ids,
            coalesce(json_agg(json_build_array(m.id, ${searchedBytes(sql`m`)})) filter (where ${isAsked}), '[]') as candidates
          from (${scopeOf(window, columns)}) m
        ) looked`,
  );
  const candidates = (found?.candidates ?? []).map(([id, bytes]) => ({ id, bytes }));
  const sign = order === "newestFirst" ? -1 : 1;
  return {
    candidates: candidates.sort((a, b) => (a.id < b.id ? -sign : sign)),
    goOn: found && found.looked >= window ? found.last : null,
  };
}

/** What a message's texts come to, told without reading them: a view is kept compressed, at a few bytes for one. */
export const searchedBytes = (m: SQL): SQL =>
  sql`case when ${m}.format in ('binary', 'empty', 'multipart') then 0 else ${m}.size::bigint end
    + 5 * coalesce(pg_column_size(${m}.view), 0)`;

/** Letters that are one of a needle's when they are made small, or that vanish behind one: Kelvin's sign; the Turkish İ, a dot above. */
const folding: Record<string, readonly string[]> = { k: ["\u212a"], i: ["\u0130", "\u0307"] };

/** Larger bodies are read a few at a time instead, so that no statement goes through gigabytes. */
const mostBytes = 16_000;

/** What hides a letter from whoever looks at the bytes. */
const escapes = { json: "\\u", form: "%" } as const;

/**
 * False only of a message that surely does not have one needle of each group in what it says or in how it was written:
 * of plain UTF-8 without escapes that is not long. Bytes are compared with bytes: looking for a text in a text takes
 * PostgreSQL three times as long.
 */
function mayHold(m: SQL, needles: string[][]): SQL {
  if (needles.length === 0) return sql`true`;
  const body = sql`/* body here: too small to lie apart */ ${m}.body`;
  // A body of which nothing odd was noted is UTF-8. Of a form that is so of what its bytes stand for: they are taken for any bytes.
  const small = sql`convert_to(lower(convert_from(${body}, case ${m}.format when 'form' then 'LATIN1' else 'UTF8' end) collate "C"), 'UTF8')`;
  const has = (bytes: SQL, text: string) =>
    sql`position(${`\\x${Buffer.from(text).toString("hex")}`}::bytea in ${bytes}) > 0`;
  const any = (bytes: SQL, texts: readonly string[]) =>
    sql`(${sql.join(
      texts.map((text) => has(bytes, text)),
      sql` or `,
    )})`;
  const all = sql.join(
    needles.map((group) => any(sql`said`, group)),
    sql` and `,
  );
  const letters = needles.flat().join("");
  const hiding = Object.entries(folding).flatMap(([letter, others]) =>
    letters.includes(letter) ? others : [],
  );
  return sql`case
    when ${m}.format in ('binary', 'empty') then false
    when ${m}.size > ${mostBytes} or ${m}.format not in ('json', 'text', 'form') or ${m}.reading is not null or (${m}.view is not null and ${m}.format <> 'form') then true
    when ${m}.format <> 'json' and ${has(body, "\0")} then true
    when ${m}.format = 'json' and ${has(body, escapes.json)} then true
    when ${m}.format = 'form' and ${has(body, escapes.form)} then true
    ${hiding.length > 0 ? sql`when ${any(body, hiding)} then true` : sql``}
    else (select ${all} from (select ${small} as said offset 0) written)
    end`;
}
