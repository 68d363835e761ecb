import { type SQL, sql } from "drizzle-orm";
import { queryOf, rows } from "@/db/rows";
import type { Reading } from "@/lib/body/reading";
import { searchableTexts } from "@/lib/body/searchable";
import type { StoredBody } from "@/lib/body/stored";
import type { Context } from "@/lib/domain/context";
import { idsBeginningWith } from "@/lib/domain/id-range";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import { veiledTexts } from "@/lib/domain/mask/message";
import { projectTerms } from "@/lib/domain/redacted-terms";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { type Hit, searchInOrder } from "@/lib/domain/text-search";
import { type Placed, withBodiesLeft } from "@/lib/payloads/read";
import { Seeker } from "@/lib/search/seeker";
import type { MessageFormat } from "@/lib/words";
import { candidatesOf, type Scope } from "./candidates";
import type { Order } from "./ids";

/** How many messages one call looks at, where nobody says. */
const windowMessages = 2_000;

export type SearchIn<S> = {
  text: string;
  limit: number;
  scopeOf: S;
  /** Of the scope. */
  order?: Order;
};

/**
 * The messages of a scope that have every word of a text in what they say or in how it was written, or that it is the
 * beginning of the id of, of one of their runs or of their work orders.
 * Whoever has something masked searches what they are shown, so that no hit tells what is hidden.
 */
export async function searchMessages(
  ctx: Context,
  {
    text,
    limit,
    scopeOf,
    order = "newestFirst",
    window = windowMessages,
  }: SearchIn<Scope> & { window?: number },
): Promise<{ hits: Map<string, Hit>; nextCursor: string | null }> {
  const project = ctx.project.id;
  const terms = await projectTerms(ctx, text);
  const ids = idsBeginningWith(text);
  const byId = ids
    ? sql`m.id between ${ids.from} and ${ids.to} or /* checked: of the message */ exists (select 1 from runs r where ${isOfMessage("r", project, sql`o.message_id = m.id`)}
        and (r.id between ${ids.from} and ${ids.to} or r.work_order_id between ${ids.from} and ${ids.to}))`
    : sql`false`;
  const mask = await maskFor(ctx);
  const isToldByBytes = !mask && !ids;
  const found = await candidatesOf(ctx, { scopeOf, order, window, terms: isToldByBytes ? terms : null });
  const match = async (batch: string[]) => {
    if (mask) return matchVeiled(batch, mask);
    const stored = await rows<SearchedBody & { id: string; byId: boolean }>(
      ctx.db,
      sql`select m.id, (${byId}) as "byId", ${searchedBody(sql`m`)} from messages m
          where m.project_id = ${project} and m.id = any(${sql.param(batch)}::uuid[])`,
    );
    await withBodiesLeft(queryOf(ctx.db), project, stored);
    const hits = new Map<string, Hit>();
    for (const { id, byId, ...body } of stored) {
      const seeker = new Seeker(terms);
      await seeker.lookThrough(searchableTexts(body));
      if (seeker.isDone) hits.set(id, { excerpt: seeker.excerpt });
      else if (byId) hits.set(id, {});
    }
    return hits;
  };
  const matchVeiled = async (batch: string[], { veils }: Mask) => {
    const veilOf = await veils(batch.map((messageId) => ({ messageId })));
    const [texts, ofIds] = await Promise.all([
      veiledTexts(ctx, veilOf, batch),
      rows<{ id: string }>(
        ctx.db,
        sql`select m.id from messages m where m.project_id = ${project} and m.id = any(${sql.param(batch)}::uuid[]) and (${byId})`,
      ),
    ]);
    const hits = new Map<string, Hit>(ofIds.map(({ id }) => [id, {}]));
    for (const [id, text] of texts) {
      const seeker = new Seeker(terms);
      seeker.look(text);
      if (seeker.isDone) hits.set(id, { excerpt: seeker.excerpt });
    }
    return hits;
  };
  return searchInOrder({ ...found, limit, match });
}

export type SearchedBody = StoredBody &
  Placed & {
    format: MessageFormat;
    reading: Reading | null;
    view: string | null;
  };

/** Columns of `SearchedBody`: bytes where they are a text, the view where it says something else. */
export const searchedBody = (m: SQL): SQL =>
  sql`${m}.format, ${m}.reading, case when ${m}.format in ('binary', 'empty', 'multipart') then ''::bytea else ${m}.body end as body,
    case when ${m}.format in ('binary', 'empty', 'multipart') then null else ${m}.payload end as payload,
    case when ${m}.format in ('multipart', 'xml') or ${m}.reading is null then ${m}.view::text end as view`;
