import { type SQL, sql } from "drizzle-orm";
import type { IdRange } from "@/db/keyset";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { bulkActs } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { idRange } from "@/lib/domain/id-range";
import type { Scope } from "@/lib/domain/message/candidates";
import { type MessageFilter, messageFilter } from "@/lib/domain/message/filter";
import { filteredIds, filteredMessages } from "@/lib/domain/message/ids";
import { searchMessages } from "@/lib/domain/message/search";
import { timeRange } from "@/lib/domain/page";
import { type RunFilter, runFilter, runPage } from "@/lib/domain/run/list";
import { searchRuns } from "@/lib/domain/run/search";
import type { JobStateWord } from "@/lib/words";
import { messageSetInfo } from "@/lib/workflow/outcome";

export type Act = typeof bulkActs.$inferSelect;

/** What an act is for. `until` and `roundAt` say what is part of it: smaller ids, in a state that they had by then. */
export type Selection = Pick<Act, "target" | "ids" | "filter" | "until"> & { roundAt: Date | null };

/** Some of its items, oldest first, and the id that the next ones come after; null when these are the last. */
export type Items = { ids: string[]; after: string | null };

/** At most `limit` items of a selection that come after the id `cursor`. */
export async function nextItems(
  ctx: Context,
  selection: Selection,
  { cursor, limit }: { cursor: string | null; limit: number },
): Promise<Items> {
  if (selection.ids)
    return page(
      selection.ids.filter((id) => cursor === null || id > cursor),
      limit,
    );
  const { roundAt } = selection;
  const found = await filtered(ctx, selection, cursor, limit);
  return roundAt ? { ...found, ids: await stoodSo(ctx, selection, found.ids, roundAt) } : found;
}

/** A page of what one more than `limit` was read of. */
const page = (found: string[], limit: number): Items => {
  const ids = found.slice(0, limit);
  return { ids, after: found.length > limit ? (ids.at(-1) ?? null) : null };
};

async function filtered(
  ctx: Context,
  { target, filter, until }: Selection,
  cursor: string | null,
  limit: number,
): Promise<Items> {
  const range = below(idRange(timesOf(filter ?? {})), until, cursor);
  const text = filter?.text;
  const order = "oldestFirst";
  if (target === "messages") {
    const asked = messageFilter.parse(filter ?? {});
    const first = (most: number) => ({ project: ctx.project.id, range, order, limit: most }) as const;
    if (!text) return pageIn(ctx, filteredIds(asked, first(limit + 1)), limit);
    const scopeOf: Scope = (most, columns) => filteredMessages(asked, first(most), columns);
    const { hits, nextCursor } = await searchMessages(ctx, { text, limit, scopeOf, order });
    return { ids: [...hits.keys()], after: nextCursor };
  }
  if (target === "runs") {
    const { where, oldestFirst } = runPage(ctx, runFilter.parse(filter ?? {}), range);
    const scopeOf = (most: number) =>
      sql`select r.id from runs r where ${where} order by ${oldestFirst} limit ${most}`;
    if (!text) return pageIn(ctx, scopeOf(limit + 1), limit);
    const { hits, nextCursor } = await searchRuns(ctx, { text, limit, scopeOf, order });
    return { ids: [...hits.keys()], after: nextCursor };
  }
  if (target === "issue") return pageIn(ctx, affected(ctx, filter?.issue ?? "", range, limit), limit);
  const ofProject = keyset([[sql`o.project_id`, ctx.project.id]], sql`o.id`, range);
  return pageIn(
    ctx,
    sql`select o.id from work_orders o where ${ofProject.where} and o.listed_state = 'rejected'
        order by ${ofProject.oldestFirst} limit ${limit + 1}`,
    limit,
  );
}

/** Work orders that an issue affects still. They are older than what they are asked for by. */
function affected(ctx: Context, issueId: string, range: IdRange, limit: number): SQL {
  const ofIssue = keyset([[sql`o.issue_id`, issueId]], sql`o.work_order_id`, range);
  return sql`select o.work_order_id as id from issue_orders o
    where ${ofIssue.where} and o.healed_at is null and o.project_id = ${ctx.project.id}
    order by ${ofIssue.oldestFirst} limit ${limit + 1}`;
}

const timesOf = ({ from, to }: Record<string, string>) => timeRange.parse({ from, to });

/** The range, as far as it is below `until` and behind the cursor. */
const below = ({ from, before }: IdRange, until: string, cursor: string | null): IdRange => ({
  from,
  before: before !== undefined && before < until ? before : until,
  after: cursor ?? undefined,
});

async function pageIn(ctx: Context, statement: SQL, limit: number): Promise<Items> {
  const found = await rows<{ id: string }>(ctx.db, statement);
  return page(
    found.map(({ id }) => id),
    limit,
  );
}

/** Those that stood as the filter says at that moment already: what fails meanwhile is not part of it. */
async function stoodSo(
  ctx: Context,
  { target, filter }: Selection,
  ids: string[],
  at: Date,
): Promise<string[]> {
  if (!filter?.state || ids.length === 0) return ids;
  const stood = target === "runs" ? runsStood(at) : target === "messages" ? messagesStood(filter, at) : null;
  if (!stood) return ids;
  const found = await rows<{ id: string }>(
    ctx.db,
    sql`select i.id from unnest(${sql.param(ids)}::uuid[]) as i (id) where ${stood(ctx.project.id)} order by i.id`,
  );
  return found.map(({ id }) => id);
}

type Stood = (project: string) => SQL;

const runsStood =
  (at: Date): Stood =>
  (project) =>
    sql`exists (select 1 from runs r where r.id = i.id and r.project_id = ${project}
      and coalesce(r.finished_at, r.created_at) <= ${at.toISOString()}::timestamptz)`;

function messagesStood({ state, job }: Record<string, string>, at: Date): Stood | null {
  const asked = messageFilter.parse({ state, job });
  const set = setOf(asked);
  if (!set) return null;
  const moment = sql`${at.toISOString()}::timestamptz`;
  const ofJob = job ? sql`and j.job_id = ${job}::uuid` : sql``;
  return (project) => sql`exists (
      select 1 from job_states j where j.message_id = i.id and j.project_id = ${project} ${ofJob}
        and j.result = any(${sql.param([...set.words])}::text[]) and coalesce(j.finished_at, j.created_at) <= ${moment}
    ) ${
      set.orWorkOrder && !job
        ? sql`or exists (select 1 from work_orders o where o.message_id = i.id and o.project_id = ${project} and o.last_activity <= ${moment})`
        : sql``
    }`;
}

const setOf = ({ state }: MessageFilter): { words: readonly JobStateWord[]; orWorkOrder: boolean } | null =>
  state && state !== "waiting" && state !== "unmatched" && state !== "rejected" && state !== "test"
    ? messageSetInfo[state]
    : null;

/** A filter as it is stored: its texts by name. */
export const storedFilter = (filter: MessageFilter | RunFilter | Times): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filter).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
type Times = { from?: string | undefined; to?: string | undefined };
