import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { firstIdAt, type MessageFilter, messageFilter, pageInput } from "./filter";
import { jobStatesOf, waitingOf } from "./states";
import type { MessageRow, Page } from "./types";

export const listMessagesInput = messageFilter.extend(pageInput.shape);

/** How many messages one call reads at most when it searches their text. */
const searchWindow = 2_000;

type Row = Omit<MessageRow, "receivedAt" | "jobStates" | "waiting" | "unmatched"> & {
  receivedAt: Date | string;
};

/**
 * The inbox, newest first. A text search reads a bounded number of messages a call: a page may be short, or empty,
 * and still have a `nextCursor` that continues the search.
 */
export async function listMessages(
  ctx: Context,
  input: z.input<typeof listMessagesInput>,
): Promise<Page<MessageRow>> {
  requirePermission(ctx, "message.read");
  const { cursor, limit, ...filter } = listMessagesInput.parse(input);
  const range = rangeOf(ctx, filter, cursor);
  const { ids, nextCursor } = filter.text
    ? await searchIds(ctx, filter, range, filter.text, limit)
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

type Range = { before: SQL; from: SQL };

function rangeOf(
  ctx: Context,
  filter: MessageFilter,
  cursor: string | undefined,
): Range & { project: string } {
  const upper = [cursor, filter.to && firstIdAt(filter.to)]
    .filter((id): id is string => Boolean(id))
    .sort()[0];
  return {
    project: ctx.project.id,
    before: upper ? sql`and id < ${upper}::uuid` : sql``,
    from: filter.from ? sql`and id >= ${firstIdAt(filter.from)}::uuid` : sql``,
  };
}

/** The ids that a filter selects, from whichever index answers it; `id` is the message's. Newest first, unbounded. */
export function filteredIds(project: string, filter: MessageFilter, range: Range): SQL {
  const { state, job } = filter;
  const between = sql`${range.before} ${range.from}`;
  if (state === "unmatched")
    return sql`select id from messages m where project_id = ${project} and matches = 0 ${between}
      and not exists (select 1 from work_orders w where w.message_id = m.id)`;
  if (state === "waiting")
    return sql`select distinct id from (select message_id as id from work_orders where project_id = ${project} and state = 'pending' and message_id is not null) w
      where true ${between}`;
  if (state || job)
    return sql`select distinct id from (select message_id as id from job_states where project_id = ${project}
      ${state ? sql`and result = ${state}` : sql``} ${job ? sql`and job_id = ${job}::uuid` : sql``}) j where true ${between}`;
  return sql`select id from messages where project_id = ${project} ${between}`;
}

async function pageIds(ctx: Context, filter: MessageFilter, range: Range, limit: number) {
  const found = await rows<{ id: string }>(
    ctx.db,
    sql`${filteredIds(ctx.project.id, filter, range)} order by id desc limit ${limit + 1}`,
  );
  const ids = found.slice(0, limit).map((row) => row.id);
  return { ids, nextCursor: found.length > limit ? (ids.at(-1) ?? null) : null };
}

async function searchIds(ctx: Context, filter: MessageFilter, range: Range, text: string, limit: number) {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const found = await rows<{ id: string; hit: boolean }>(
    ctx.db,
    sql`with scope as materialized (${filteredIds(ctx.project.id, filter, range)} order by id desc limit ${searchWindow})
        select m.id, (m.id::text like ${`${text.toLowerCase()}%`} or ${bodyText} ilike ${pattern}) as hit
        from scope join messages m on m.id = scope.id and m.project_id = ${ctx.project.id} order by m.id desc`,
  );
  const hits = found.filter((row) => row.hit);
  const page = hits.slice(0, limit);
  const wholeWindow = found.length === searchWindow;
  const nextCursor =
    hits.length > limit ? (page.at(-1)?.id ?? null) : wholeWindow ? (found.at(-1)?.id ?? null) : null;
  return { ids: page.map((row) => row.id), nextCursor };
}

/** A message's text in SQL. Bytes that are not plain UTF-8 text always have a view or are binary, see lib/inbox/body.ts. */
const bodyText = sql`case when m.format in ('binary', 'empty') then '' when m.view is not null then m.view::text else convert_from(m.body, 'UTF8') end`;
