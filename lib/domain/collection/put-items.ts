import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { limits, tooMuch, tooMuchOf, utf8Bytes } from "@/lib/limits";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { isStorable } from "@/lib/text";
import { newTimeOrderedId } from "@/lib/time-ordered-id";
import { changeItems, type ItemAccess } from "./items";

export type Item = { key: string; value: string };

/**
 * Adds items to a collection, or gives those that are there new values, all or none. Of several writers of one key the last
 * counts. Returns how many. Throws `invalid` for what is no item or too much, `conflict` for a key that is given twice,
 * `not_found` for a collection that is gone.
 */
export async function putItems(
  access: ItemAccess,
  collectionId: string,
  given: readonly unknown[],
): Promise<number> {
  const items = checkedItems(given);
  return changeItems(access, "collection.write", (tx) => put(tx, access.project.id, collectionId, items));
}

/** Says of each what is wrong with it; throws `invalid` with the first. */
export function checkedItems(given: readonly unknown[]): Item[] {
  if (given.length > limits.collectionBatch) throw tooMuchOf("collectionBatch", given.length, "The request");
  const keys = new Set<string>();
  return given.map((one) => {
    const item = checkedItem(one);
    if (keys.has(item.key)) throw conflict("Duplicate key found");
    keys.add(item.key);
    return item;
  });
}

function checkedItem(one: unknown): Item {
  if (typeof one !== "object" || one === null || !("key" in one) || !("value" in one))
    throw invalid("Format error: each item has a key and a value.");
  const { key, value } = one;
  if (typeof key !== "string" || typeof value !== "string")
    throw invalid("Format error: keys and values are texts. Make a text of other data with JSON.stringify.");
  if (key === "") throw invalid("Format error: a key is empty.");
  if (!isStorable([key, value]))
    throw invalid("Format error: a key or value holds a NUL character or half a character. Remove it.");
  const bytes = utf8Bytes(key);
  if (bytes > limits.collectionKey)
    throw invalid(`Format error: ${tooMuch("collectionKey", bytes, "A key")}`);
  if (value.length > limits.collectionValue)
    throw invalid(`Format error: ${tooMuch("collectionValue", value.length, "A value")}`);
  return { key, value };
}

type Counted = { upserted: number; items: string; bytes: string; fits: boolean };

async function put(tx: Db, projectId: string, collectionId: string, items: Item[]): Promise<number> {
  const keys = items.map(({ key }) => key);
  const values = items.map(({ value }) => value);
  const bytes = items.map(({ key, value }) => utf8Bytes(key) + utf8Bytes(value));
  const ids = items.map(() => newTimeOrderedId());
  const [counted] = await rows<Counted>(
    tx,
    sql`with place as (
      select c.id, c.contents_id from collections c where c.id = ${collectionId}::uuid and c.project_id = ${projectId}::uuid
    ), given as (
      select * from unnest(${sql.param(ids)}::uuid[], ${sql.param(keys)}::text[], ${sql.param(values)}::text[], ${sql.param(bytes)}::int[]) as g (id, key, value, bytes)
    ), grown as (
      select count(*) - count(i.id) as items, coalesce(sum(g.bytes), 0) - coalesce(sum(i.bytes), 0) as bytes
      from given g cross join place
      left join collection_items i on i.contents_id = place.contents_id and i.key = g.key
    ), total as (
      select grown.items + sum(c.items) as items, grown.bytes + sum(c.bytes) as bytes,
        (grown.items <= 0 or grown.items + sum(c.items) <= ${limits.collectionItems})
          and (grown.bytes <= 0 or grown.bytes + sum(c.bytes) <= ${limits.collectionBytes}) as fits
      from grown, collections c where c.project_id = ${projectId}::uuid group by grown.items, grown.bytes
    ), put as (
      insert into collection_items (id, project_id, contents_id, key, value, bytes, created_at, updated_at)
      select g.id, ${projectId}::uuid, place.contents_id, g.key, g.value, g.bytes, statement_timestamp(), statement_timestamp()
      from given g cross join place join total on total.fits
      on conflict (contents_id, key) do update
        set value = excluded.value, bytes = excluded.bytes, updated_at = excluded.updated_at
      returning 1
    ), counted as (
      update collections c set items = c.items + grown.items, bytes = c.bytes + grown.bytes, updated_at = now()
      from place, grown, total where total.fits and c.id = place.id and c.project_id = ${projectId}::uuid
    )
    select (select count(*) from put)::int as upserted, total.items, total.bytes, total.fits from total, place`,
  );
  if (!counted) throw notFound("The collection");
  if (counted.fits) return counted.upserted;
  const isManyItems = Number(counted.items) > limits.collectionItems;
  throw isManyItems
    ? tooMuchOf("collectionItems", Number(counted.items), "The project")
    : tooMuchOf("collectionBytes", Number(counted.bytes), "The project");
}
