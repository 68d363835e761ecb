import { type SQL, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { notFound } from "@/lib/refusal";
import { newTimeOrderedId } from "@/lib/time-ordered-id";
import { changeItems, type ItemAccess, inTurn } from "./items";
import { type ItemFilter, ofFilter } from "./list-items";

/** Deletes the item with a key. Returns whether there was one. Throws `not_found` for a collection that is gone. */
export async function deleteItem(access: ItemAccess, collectionId: string, key: string): Promise<boolean> {
  const gone = await changeItems(access, "collection.write", (tx) =>
    take(tx, access.project.id, collectionId, sql`i.key = ${key}`),
  );
  return gone.length > 0;
}

/**
 * Deletes what a filter finds, all that is there when it is empty. Returns how many. What others add meanwhile stays. Throws
 * `not_found` for a collection that is gone.
 */
export async function deleteItems(
  access: ItemAccess,
  collectionId: string,
  filter: ItemFilter,
  signal?: AbortSignal,
): Promise<number> {
  const projectId = access.project.id;
  if (isEverything(filter))
    return inTurn(
      projectId,
      () => changeItems(access, "collection.clear", (tx) => empty(tx, projectId, collectionId)),
      signal,
    );
  const condition = ofFilter(filter);
  const until = newTimeOrderedId();
  let after = "00000000-0000-0000-0000-000000000000";
  let count = 0;
  for (;;) {
    const part = sql`/* checked: by whoever takes it */ i.ctid = any(array(
      select i.ctid from collection_items i, place where i.contents_id = place.contents_id
        and i.id > ${after}::uuid and i.id < ${until}::uuid and ${condition} order by i.id limit ${batchItems}))`;
    const gone = await inTurn(
      projectId,
      () => changeItems(access, "collection.clear", (tx) => take(tx, projectId, collectionId, part)),
      signal,
    );
    count += gone.length;
    const last = gone.at(-1);
    if (!last || gone.length < batchItems) return count;
    after = last;
  }
}

const batchItems = 2_000;

const isEverything = ({ key, ...times }: ItemFilter): boolean =>
  (key === undefined || /^\*+$/.test(key)) && Object.values(times).every((one) => one === undefined);

/** Deletes items of one collection, and counts them out. Returns their ids in order. */
export async function take(
  tx: Db,
  projectId: string,
  collectionId: string,
  condition: SQL,
): Promise<string[]> {
  const [answer] = await rows<{ ids: string[] }>(
    tx,
    sql`/* checked: the place names the project */ with place as (
      select c.id, c.contents_id from collections c where c.id = ${collectionId}::uuid and c.project_id = ${projectId}::uuid
    ), gone as (
      delete from collection_items i using place where i.contents_id = place.contents_id and ${condition} returning i.id, i.bytes
    ), counted as (
      update collections c set items = c.items - g.items, bytes = c.bytes - g.bytes, updated_at = now()
      from (select count(*) as items, coalesce(sum(bytes), 0) as bytes from gone) g, place
      where g.items > 0 and c.id = place.id and c.project_id = ${projectId}::uuid
    )
    select coalesce((select jsonb_agg(id order by id) from gone), '[]') as ids from place`,
  );
  if (!answer) throw notFound("The collection");
  return answer.ids;
}

/** Gives the collection new contents, without any; the old ones are deleted batch by batch. */
async function empty(tx: Db, projectId: string, collectionId: string): Promise<number> {
  const [before] = await rows<{ items: number }>(
    tx,
    sql`with place as (
      select id, contents_id, items from collections where id = ${collectionId}::uuid and project_id = ${projectId}::uuid
    ), emptied as (
      insert into emptied_collections (contents_id, project_id) select contents_id, ${projectId}::uuid from place where items > 0
    ), renewed as (
      update collections c set contents_id = gen_random_uuid(), items = 0, bytes = 0, updated_at = now()
      from place where c.id = place.id and c.project_id = ${projectId}::uuid and place.items > 0
    )
    select items from place`,
  );
  if (!before) throw notFound("The collection");
  return before.items;
}
