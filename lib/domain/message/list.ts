import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { IdRange } from "@/db/keyset";
import { containing, startingWith } from "@/db/like";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { heavyRead } from "@/lib/domain/heavy-read";
import { idRange } from "@/lib/domain/id-range";
import { type Page, timelinePageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { type MessageFilter, messageFilter } from "./filter";
import { filteredIds } from "./ids";
import { jobStatesOf, waitingOf } from "./states";
import type { MessageRow } from "./types";

export const listMessagesInput = messageFilter.extend(timelinePageInput.shape);

/** How many messages one call reads at most when it searches their text, and how many bytes of them. */
const searchWindow = 2_000;
const searchBytes = 16_000_000;

type Row = Omit<MessageRow, "receivedAt" | "jobStates" | "waiting" | "unmatched"> & {
  receivedAt: Date | string;
};

/**
 * The inbox, newest first. A text search reads a bounded number of messages and of bytes a call: a page may be short, or
 * empty, and still have a `nextCursor` that continues the search. Throws `limit` when too many searches of the project run.
 */
export async function listMessages(
  ctx: Context,
  input: z.input<typeof listMessagesInput>,
): Promise<Page<MessageRow>> {
  requirePermission(ctx, "message.read");
  const { cursor, limit, ...filter } = listMessagesInput.parse(input);
  const range = idRange({ cursor, ...filter });
  const { text } = filter;
  const { ids, nextCursor } = text
    ? await heavyRead(ctx.project.id, () => searchIds(ctx, filter, range, text, limit))
    : await pageIds(ctx, filter, range, limit);
  return { items: await messageRows(ctx, ids), nextCursor };
}

/** Rows of the given messages of this project, newest first. */
export async function messageRows(ctx: Context, ids: string[]): Promise<MessageRow[]> {
  if (ids.length === 0) return [];
  const found = await rows<Row>(
    ctx.db,
    sql`select id, received_at as "receivedAt", source, trigger_id as "triggerId", method, content_type as "contentType", format,
          size, preview, resent_from as "resentFrom"
        from messages where project_id = ${ctx.project.id} and id = any(${sql.param(ids)}::uuid[]) order by id desc`,
  );
  const [states, waiting] = await Promise.all([
    jobStatesOf(ctx.db, ctx.project.id, ids),
    waitingOf(ctx.db, ctx.project.id, ids),
  ]);
  return found.map((row) => {
    const jobStates = states.get(row.id) ?? [];
    const orders = waiting.get(row.id);
    return {
      ...row,
      receivedAt: iso(row.receivedAt),
      jobStates,
      waiting: orders?.waiting ?? [],
      unmatched: !orders,
    };
  });
}

async function pageIds(ctx: Context, filter: MessageFilter, range: IdRange, limit: number) {
  const found = await rows<{ id: string }>(
    ctx.db,
    filteredIds(filter, { project: ctx.project.id, range, order: "newestFirst", limit: limit + 1 }),
  );
  const { items, nextCursor } = toPage(found, limit);
  return { ids: items.map((row) => row.id), nextCursor };
}

async function searchIds(ctx: Context, filter: MessageFilter, range: IdRange, text: string, limit: number) {
  const scope = filteredIds(filter, {
    project: ctx.project.id,
    range,
    order: "newestFirst",
    limit: searchWindow,
  });
  const found = await rows<{ id: string; hit: boolean | null }>(
    ctx.db,
    sql`with scope as materialized (${scope})
        select m.id, case when coalesce(m.before, 0) < ${searchBytes} then
          (m.id::text like ${startingWith(text.toLowerCase())} or ${bodyText} ilike ${containing(text)}) end as hit
        from (
          select m.id, m.format, m.view, m.body,
            sum(${textBytes}) over (order by m.id desc rows between unbounded preceding and 1 preceding) as before
          from scope join messages m on m.id = scope.id and m.project_id = ${ctx.project.id}
        ) m order by m.id desc`,
  );
  const read = found.filter((row) => row.hit !== null);
  const { items, nextCursor } = toPage(
    read.filter((row) => row.hit),
    limit,
  );
  const isMore = found.length === searchWindow || read.length < found.length;
  const afterRead = isMore ? (read.at(-1)?.id ?? null) : null;
  return { ids: items.map((row) => row.id), nextCursor: nextCursor ?? afterRead };
}

/** What a message's text may come to, told without reading it: a view is kept compressed, at a few bytes for one. */
const textBytes = sql`m.size::bigint + 5 * coalesce(pg_column_size(m.view), 0)`;

/** A message's text in SQL. Bytes that are not plain UTF-8 text always have a view or are binary, see lib/inbox/body.ts. */
const bodyText = sql`case when m.format in ('binary', 'empty') then '' when m.view is not null then m.view::text else convert_from(m.body, 'UTF8') end`;
