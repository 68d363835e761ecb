import { type SQL, sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { heavyReadBeside } from "@/lib/domain/heavy-read";
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

/** From so many messages on, two readers share them. */
const worthTwo = 3_000;

/**
 * The messages of a scope that may say what is looked for: the place for an index. Without one, each message is looked at
 * where it is stored, as it is walked past, and what surely says something else is left out; the rest is read. Two
 * statements at once do so where the project has a second turn free.
 */
export async function candidatesOf(ctx: Context, asked: Asked): Promise<Candidates> {
  const beside =
    asked.terms && asked.window >= worthTwo
      ? heavyReadBeside(ctx.project.id, () => look(ctx, asked, shareOf(1)))
      : null;
  const looks = await Promise.all([
    look(ctx, asked, beside ? shareOf(0) : sql`true`),
    ...(beside ? [beside] : []),
  ]);
  const sign = asked.order === "newestFirst" ? -1 : 1;
  const inOrder = (a: string, b: string) => (a < b ? -sign : sign);
  // What came or went meanwhile moves the end of one: only up to the nearer one has all been looked at.
  const [goOn = null] = looks.flatMap(({ goOn }) => goOn ?? []).sort(inOrder);
  const candidates = looks.flatMap(({ candidates }) => candidates).sort((a, b) => inOrder(a.id, b.id));
  return { candidates: candidates.filter(({ id }) => !goOn || inOrder(id, goOn) <= 0 || id === goOn), goOn };
}

/** Every other message, whenever it is asked. */
const shareOf = (nth: 0 | 1) => sql`get_byte(uuid_send(m.id), 15) & 1 = ${nth}`;

/** Of a scope's messages, looks at a share. */
async function look(
  { db }: Context,
  { scopeOf, order, window, terms }: Asked,
  share: SQL,
): Promise<Candidates> {
  const isAsked = terms ? mayHold(sql`m`, needlesOf(terms)) : sql`true`;
  const columns = sql`m.id, m.format, m.size, m.reading, m.view, /* body here: only of those too small to lie apart */ m.body`;
  const last = direction(order === "newestFirst" ? "oldestFirst" : "newestFirst");
  const [found] = await rows<{ looked: number; last: string | null; candidates: [string, number][] }>(
    db,
    sql`select cardinality(ids) as looked, (select id from unnest(ids) id order by id ${last} limit 1) as last, candidates
        from (
          select coalesce(array_agg(m.id), '{}') as ids,
            coalesce(json_agg(json_build_array(m.id, ${searchedBytes(sql`m`)})) filter (where ${share} and ${isAsked}), '[]') as candidates
          from (${scopeOf(window, columns)}) m
        ) looked`,
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

/** Letters that are one of a needle's when they are made small, or that vanish behind one: Kelvin's sign; the Turkish İ, a dot above. */
const folding: Record<string, readonly string[]> = { k: ["\u212a"], i: ["\u0130", "\u0307"] };

/** Larger bodies are read a few at a time instead, so that no statement goes through gigabytes. */
const mostBytes = 16_000;

/**
 * False only of a message that surely does not have one needle of each group in what it says or in how it was written:
 * of plain UTF-8 without escapes that is not long. Its bytes are looked at in small letters, and written so that whatever is
 * not ASCII, and a backslash, takes more than its place: where all are as they were, which costs nothing to tell, no letter
 * can hide.
 */
function mayHold(m: SQL, needles: string[][]): SQL {
  if (needles.length === 0) return sql`true`;
  const body = sql`/* body here: too small to lie apart */ ${m}.body`;
  const has = (text: string) => sql`strpos(said, ${text}) > 0`;
  const any = (texts: readonly string[]) => sql`(${sql.join(texts.map(has), sql` or `)})`;
  const all = sql.join(needles.map(any), sql` and `);
  const letters = needles.flat().join("");
  const hiding = Object.entries(folding).flatMap(([letter, others]) =>
    letters.includes(letter) ? others.map(escaped) : [],
  );
  return sql`case
    when ${m}.format in ('binary', 'empty') then false
    when ${m}.size > ${mostBytes} or ${m}.format not in ('json', 'text', 'form') or ${m}.reading is not null or (${m}.view is not null and ${m}.format <> 'form') then true
    else (
      select ${all} or (${m}.format = 'form' and ${has("%")}) or (octet_length(said) <> octet_length(${body})
        and ((${m}.format = 'json' and ${has("\\\\u")}) or (${m}.format <> 'json' and ${has("\\000")})${hiding.length > 0 ? sql` or ${any(hiding)}` : sql``}))
      from (select lower(encode(${body}, 'escape') collate "C") as said offset 0) written)
    end`;
}

/** As PostgreSQL writes bytes that are not ASCII. */
const escaped = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\${byte.toString(8)}`).join("");
