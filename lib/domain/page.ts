import { z } from "zod";
import { limits } from "@/lib/limits";

/** What a list verb takes besides its filter, when a page may hold up to `max` items. */
export const pageInputUpTo = (max: number) =>
  z.strictObject({
    cursor: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(max).default(50),
  });

/** What every list verb takes besides its filter; `cursor` is the id of the last item seen. */
export const pageInput = pageInputUpTo(limits.page);

/** The same for messages and runs, whose rows are large. */
export const timelinePageInput = pageInputUpTo(limits.timelinePage);

const moment = z.iso.datetime({ offset: true, local: true }).or(z.iso.date());

/** A filter by time. Both are ISO strings; `from` is inclusive, `to` exclusive. */
export const timeRange = z.strictObject({ from: moment.optional(), to: moment.optional() });

/** A page of a list. `nextCursor` is null on the last page. */
export type Page<T> = { items: T[]; nextCursor: string | null };

/** What a list verb answers, as a schema. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.strictObject({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "`cursor` of the next page; null on the last one." }),
  });

/** A page from `limit + 1` rows in keyset order; `cursorOf` says after what the next page begins. */
export function toPageBy<T>(rows: T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? cursorOf(last) : null };
}

/** A page from `limit + 1` rows in the order of their ids. */
export const toPage = <T extends { id: string }>(rows: T[], limit: number): Page<T> =>
  toPageBy(rows, limit, (last) => last.id);
