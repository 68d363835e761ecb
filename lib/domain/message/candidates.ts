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
  const inOrder = (a: string, b: string) => (a === b ? 0 : a < b ? -sign : sign);
  // What came or went meanwhile moves the end of one: only up to the nearer one has all been looked at.
  const [goOn = null] = looks.flatMap(({ goOn }) => goOn ?? []).sort(inOrder);
  const candidates = looks.flatMap(({ candidates }) => candidates).sort((a, b) => inOrder(a.id, b.id));
  return { candidates: candidates.filter(({ id }) => !goOn || inOrder(id, goOn) <= 0), goOn };
}

/** Every other message, whenever it is asked. */
const shareOf = (nth: 0 | 1) => sql`get_byte(uuid_send(m.id), 15) & 1 = ${nth}`;

/** Of a scope's messages, looks at a share. */
async function look(
  { db }: Context,
  { scopeOf, order, window, terms }: Asked,
  share: SQL,
): Promise<Candidates> {
  const { said, mayHold } = terms ? toldBy(needlesOf(terms)) : toldBy([]);
  const columns = sql`m.id, m.format, m.size, m.reading, m.view, /* body here: only of those too small to lie apart */ m.body`;
  const last = direction(order === "newestFirst" ? "oldestFirst" : "newestFirst");
  const [found] = await rows<{ looked: number; last: string | null; candidates: [string, number][] }>(
    db,
    sql`select cardinality(ids) as looked, (select id from unnest(ids) id order by id ${last} limit 1) as last, candidates
        from (
          select coalesce(array_agg(m.id), '{}') as ids,
            coalesce(json_agg(json_build_array(m.id, ${searchedBytes(sql`m`)})) filter (where ${share} and ${mayHold}), '[]') as candidates
          from (
            select m.id, m.format, m.size, m.view, case when ${share} then ${said} end as said
            from (${scopeOf(window, columns)}) m offset 0
          ) m
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

/** A part of a needle that long says enough to look for it alone, where nothing hides behind its letters. */
const leastPart = 4;

/** Larger bodies are read a few at a time instead, so that no statement goes through gigabytes. */
const mostBytes = 16_000;

/**
 * SQL over a message `m`: what its bytes `said`, in small letters, and, once that is a column, whether it `mayHold` one needle
 * of each group in what it says or in how it was written. That is false only of one that surely does not: of plain UTF-8 without
 * escapes that is not long, of which something is said. Where bytes are written out, what is not ASCII has a backslash; one
 * letter alone is found fast, so that most messages are asked for nothing more.
 */
function toldBy(groups: string[][]): { said: SQL; mayHold: SQL } {
  if (groups.length === 0) return { said: sql`null::text`, mayHold: sql`true` };
  const needles = groups.map((group) => group.map(unhidden));
  const letters = needles.flat().join("");
  const hiding = Object.entries(folding).flatMap(([letter, others]) =>
    letters.includes(letter) ? others.map(escaped) : [],
  );
  const has = (text: string) => sql`strpos(m.said, ${text}) > 0`;
  const any = (texts: readonly string[]) => sql`(${sql.join(texts.map(has), sql` or `)})`;
  const all = sql.join(needles.map(any), sql` and `);
  const body = sql`/* body here: too small to lie apart */ m.body`;
  const isWrittenOut = hiding.length > 0 ? sql`true` : sql`m.format <> 'json'`;
  return {
    said: sql`case
      when m.size > ${mostBytes} or m.format not in ('json', 'text', 'form') or m.reading is not null or (m.view is not null and m.format <> 'form') then null
      else lower(case when ${isWrittenOut} then encode(${body}, 'escape') else convert_from(${body}, 'UTF8') end collate "C")
      end`,
    mayHold: sql`case
      when m.format in ('binary', 'empty') then false
      when m.said is null then true
      else ${all} or (m.format = 'form' and ${has("%")}) or (${has("\\")}
        and (case when m.format = 'json' then ${has("\\u")} else ${has("\\000")} end ${hiding.length > 0 ? sql`or ${any(hiding)}` : sql``}))
      end`,
  };
}

/** The longest part of a needle without letters that others hide behind, or all of it. */
function unhidden(needle: string): string {
  const parts = needle.split(new RegExp(`[${Object.keys(folding).join("")}]`));
  const longest = parts.reduce((one, other) => (other.length > one.length ? other : one));
  return longest.length >= leastPart ? longest : needle;
}

/** As PostgreSQL writes bytes that are not ASCII. */
const escaped = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\${byte.toString(8)}`).join("");
