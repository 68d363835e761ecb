import { sql } from "drizzle-orm";
import type { z } from "zod";
import { iso, rows } from "@/db/rows";
import { beginningSql } from "@/lib/body/beginning";
import { previewOf } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { wipedNoteOf } from "@/lib/domain/fields";
import { heavyRead } from "@/lib/domain/heavy-read";
import { idRange } from "@/lib/domain/id-range";
import { maskFor } from "@/lib/domain/mask/mask";
import { veiledPreviews } from "@/lib/domain/mask/message";
import { type Page, timelinePageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import type { Wiped } from "@/lib/state/wiped";
import { type MessageFilter, messageFilter } from "./filter";
import { filteredIds, filteredMessages, type PageOfIds } from "./ids";
import { searchMessages } from "./search";
import { jobStatesOf, waitingOf } from "./states";
import type { MessageRow } from "./types";

export const listMessagesInput = messageFilter.extend(timelinePageInput.shape);

type Row = Omit<
  MessageRow,
  "receivedAt" | "wiped" | "jobStates" | "jobTotals" | "waiting" | "waitingTotal" | "unmatched" | "excerpt"
> & {
  receivedAt: Date | string;
} & Wiped;

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
  const { text } = filter;
  if (text)
    return heavyRead(ctx.project.id, () => foundMessages(ctx, { ...filter, text }, { cursor, limit }));
  const found = await rows<{ id: string }>(
    ctx.db,
    filteredIds(filter, newest(ctx, filter, cursor, limit + 1)),
  );
  const { items, nextCursor } = toPage(found, limit);
  const ids = items.map((row) => row.id);
  return { items: await messageRows(ctx, ids), nextCursor };
}

/** The newest messages that a filter selects, without its text. */
const newest = (
  { project }: Context,
  filter: MessageFilter,
  cursor: string | undefined,
  limit: number,
): PageOfIds => ({
  project: project.id,
  range: idRange({ cursor, ...filter }),
  order: "newestFirst",
  limit,
});

export type FoundPage = {
  cursor: string | undefined;
  limit: number;
  /** How many messages are looked at, at most. */
  window?: number;
};

/** Messages that a text is in, of a bounded number that is looked at. */
export async function foundMessages(
  ctx: Context,
  filter: MessageFilter & { text: string },
  { cursor, ...page }: FoundPage,
): Promise<Page<MessageRow>> {
  const { hits, nextCursor } = await searchMessages(ctx, {
    ...page,
    text: filter.text,
    scopeOf: (most, columns) => filteredMessages(filter, newest(ctx, filter, cursor, most), columns),
  });
  const items = await messageRows(ctx, [...hits.keys()]);
  return { items: items.map((row) => ({ ...row, ...hits.get(row.id) })), nextCursor };
}

/** How many job states, and how many workflows that wait, a row names; a list with few of each names all. */
const namedJobs = 6;
const noJobs = { jobStates: [], jobTotals: { failure: 0, handled: 0, in_progress: 0, success: 0 } };
const noneWaits = { waiting: [], waitingTotal: 0 };

/**
 * Rows of the given messages of this project, newest first, as whoever asks may see them, each with at most `named` job
 * states.
 */
export async function messageRows(ctx: Context, ids: string[], named = namedJobs): Promise<MessageRow[]> {
  if (ids.length === 0) return [];
  const found = await rows<Row>(
    ctx.db,
    sql`select id, received_at as "receivedAt", source, trigger_id as "triggerId", method, content_type as "contentType", format,
          size, ${sql.raw(beginningSql("m"))} as preview, resent_from as "resentFrom", wiped_at as "wipedAt", wiped_for as "wipedFor"
        from messages m where project_id = ${ctx.project.id} and id = any(${sql.param(ids)}::uuid[]) order by id desc`,
  );
  const [states, waiting] = await Promise.all([
    jobStatesOf(ctx.db, ctx.project.id, ids, named),
    waitingOf(ctx.db, ctx.project.id, ids, named),
  ]);
  const listed = found.map(({ wipedAt, wipedFor, ...row }) => {
    const orders = waiting.get(row.id);
    return {
      ...row,
      preview: previewOf(row.preview),
      receivedAt: iso(row.receivedAt),
      wiped: wipedNoteOf({ wipedAt, wipedFor, since: row.receivedAt }),
      ...(states.get(row.id) ?? noJobs),
      ...(orders ?? noneWaits),
      unmatched: !orders && row.source !== "test",
    };
  });
  return veiledRows(ctx, listed);
}

async function veiledRows(ctx: Context, listed: MessageRow[]): Promise<MessageRow[]> {
  const mask = await maskFor(ctx);
  if (!mask) return listed;
  const veilOf = await mask.veils(listed.map(({ id }) => ({ messageId: id })));
  const hidden = listed.filter(({ id, preview }) => preview !== "" && !veilOf({ messageId: id }).isOpen);
  const veiledPreviewOf = await veiledPreviews(
    ctx,
    veilOf,
    hidden.map(({ id }) => id),
  );
  const ids = new Set(hidden.map(({ id }) => id));
  return listed.map((row) => {
    const veil = veilOf({ messageId: row.id });
    return {
      ...row,
      contentType: veil.textOrNull(row.contentType),
      preview: ids.has(row.id) ? veiledPreviewOf(row.id) : row.preview,
      jobStates: row.jobStates.map((state) => ({ ...state, errorType: veil.textOrNull(state.errorType) })),
    };
  });
}
