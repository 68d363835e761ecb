import { type SQL, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { keyset, rowByRow } from "@/db/keyset";
import { rows } from "@/db/rows";
import { matches } from "./pattern";

/** An item as it is stored; moments with microseconds. */
export type StoredItem = { id: string; key: string; value: string; created: string; updated: string };

/** Which items: `key` may have `*` for any text. `…After` counts from that moment on, `…Before` up to it and without it. */
export type ItemFilter = {
  key?: string | undefined;
  createdAfter?: string | undefined;
  createdBefore?: string | undefined;
  updatedAfter?: string | undefined;
  updatedBefore?: string | undefined;
};

/** A condition over the items' alias `i`. */
export function ofFilter({ key, createdAfter, createdBefore, updatedAfter, updatedBefore }: ItemFilter): SQL {
  const conditions: SQL[] = [];
  if (key !== undefined) conditions.push(matches(sql`i.key`, key));
  if (createdAfter !== undefined) conditions.push(sql`i.created_at >= ${createdAfter}::timestamptz`);
  if (createdBefore !== undefined) conditions.push(sql`i.created_at < ${createdBefore}::timestamptz`);
  if (updatedAfter !== undefined) conditions.push(sql`i.updated_at >= ${updatedAfter}::timestamptz`);
  if (updatedBefore !== undefined) conditions.push(sql`i.updated_at < ${updatedBefore}::timestamptz`);
  return conditions.length > 0 ? sql.join(conditions, sql` and `) : sql`true`;
}

const exactMoment = (column: string): SQL =>
  sql`to_char(${sql.raw(column)} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const shown = sql`i.id, i.key, i.value, ${exactMoment("i.created_at")} as created, ${exactMoment("i.updated_at")} as updated`;

/** What a collection holds at the moment. */
export type Contents = { projectId: string; contentsId: string };

/** The item with a key; undefined when there is none. */
export async function getCollectionItem(
  db: Db,
  { projectId, contentsId }: Contents,
  key: string,
): Promise<StoredItem | undefined> {
  const [item] = await rows<StoredItem>(
    db,
    sql`select ${shown} from collection_items i
        where i.contents_id = ${contentsId}::uuid and i.key = ${key} and i.project_id = ${projectId}::uuid`,
  );
  return item;
}

const pageBytes = 1_000_000;

export type ItemsPage = { items: StoredItem[]; isLast: boolean };

/** What a page is read with: `after` is the id of the item before it, `most` how many items at most. */
export type ItemsQuery = Contents & { filter: ItemFilter; most: number };

/**
 * The next items in the order in which they were added: at most `most` and about a megabyte, the first however large it is.
 * `isLast`: there is none behind them.
 */
export async function listCollectionItems(
  db: Db,
  { projectId, contentsId, filter, most }: ItemsQuery,
  after: string | null,
): Promise<ItemsPage> {
  const ofContents = keyset([[sql`i.contents_id`, contentsId]], sql`i.id`, { after: after ?? undefined });
  // An index finds keys by how they begin; then what it finds is put in order.
  const isFoundByKey = filter.key !== undefined && !filter.key.startsWith("*");
  const found = await rows<StoredItem & { hasMore: boolean }>(
    db,
    sql`/* checked: by its contents, and by the project */
      select ${shown}, i.more as "hasMore" from (
        select p.*, lead(p.id) over (order by p.id) is not null as more, row_number() over (order by p.id) as place,
          sum(p.bytes) over (order by p.id) - p.bytes as before
        from (
          select i.* from collection_items i
          where ${ofContents.where} and ${isFoundByKey ? sql`i.contents_id = ${contentsId}::uuid` : sql`true`}
            and ${rowByRow(sql`i.project_id = ${projectId}::uuid`)} and ${ofFilter(filter)}
          order by ${ofContents.oldestFirst} limit ${most + 1}
        ) p
      ) i where i.place <= ${most} and i.before < ${pageBytes} order by i.id`,
  );
  const items = found.map(({ hasMore: _, ...item }) => item);
  return { items, isLast: !found.at(-1)?.hasMore };
}
