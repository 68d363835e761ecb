import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { type IdRange, type KeysetScope, keyset } from "@/db/keyset";
import { containing, startingWith } from "@/db/like";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { jobStateResults } from "@/lib/words";
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
  const range = rangeOf(filter, cursor);
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

/** The ids between the filter's dates, older than `cursor`. */
export function rangeOf(filter: MessageFilter, cursor?: string): IdRange {
  const [before] = [cursor, filter.to && firstIdAt(filter.to)]
    .filter((id): id is string => Boolean(id))
    .sort();
  return { before, from: filter.from && firstIdAt(filter.from) };
}

/**
 * At most `limit` ids that a filter selects, in order, from the index that answers it. The text is not looked at.
 * `order` is that of time.
 */
export function filteredIds(
  project: string,
  { state, job }: MessageFilter,
  range: IdRange,
  order: "newestFirst" | "oldestFirst",
  limit: number,
): SQL {
  const direction = order === "newestFirst" ? sql`desc` : sql`asc`;
  if (state === "waiting")
    // All that waits in the project, because no index has it in the order of the messages.
    return sql`with waiting as materialized (
        select distinct message_id as id from runs where project_id = ${project} and state = 'pending' and message_id is not null
      )
      select id from waiting where true ${range.from ? sql`and id >= ${range.from}` : sql``}
        ${range.after ? sql`and id > ${range.after}` : sql``} ${range.before ? sql`and id < ${range.before}` : sql``}
      order by id ${direction} limit ${limit}`;
  if (state && state !== "unmatched") {
    const scope: KeysetScope = [[sql`project_id`, project]];
    if (job) scope.push([sql`job_id`, job]);
    const ofProject = keyset([...scope, [sql`result`, state]], sql`message_id`, range);
    return sql`select distinct on (${ofProject.columns}) message_id as id from job_states where ${ofProject.where} order by ${ofProject[order]} limit ${limit}`;
  }
  if (job && !state) {
    const each = jobStateResults.map(
      (result) => sql`(${filteredIds(project, { state: result, job }, range, order, limit)})`,
    );
    return sql`select id from (${sql.join(each, sql` union all `)}) j order by id ${direction} limit ${limit}`;
  }
  const ofProject = keyset([[sql`m.project_id`, project]], sql`m.id`, range);
  const unmatched = sql`and m.matches = 0 and not exists (select 1 from work_orders w where w.message_id = m.id and w.project_id = m.project_id)`;
  return sql`select m.id from messages m where ${ofProject.where} ${state === "unmatched" ? unmatched : sql``} order by ${ofProject[order]} limit ${limit}`;
}

async function pageIds(ctx: Context, filter: MessageFilter, range: IdRange, limit: number) {
  const found = await rows<{ id: string }>(
    ctx.db,
    filteredIds(ctx.project.id, filter, range, "newestFirst", limit + 1),
  );
  const ids = found.slice(0, limit).map((row) => row.id);
  return { ids, nextCursor: found.length > limit ? (ids.at(-1) ?? null) : null };
}

async function searchIds(ctx: Context, filter: MessageFilter, range: IdRange, text: string, limit: number) {
  const found = await rows<{ id: string; hit: boolean }>(
    ctx.db,
    sql`with scope as materialized (${filteredIds(ctx.project.id, filter, range, "newestFirst", searchWindow)})
        select m.id, (m.id::text like ${startingWith(text.toLowerCase())} or ${bodyText} ilike ${containing(text)}) as hit
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
