import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { lockItems } from "@/lib/domain/collection/lock";
import { lookInItem } from "@/lib/domain/person/places/collections";
import { idList, inParts, type Wiper } from "./wiper";

/** Few, because values are large. */
const atOnce = 10;

/** Items that hold a key still: deleted, and counted out of their collections. */
export const collectionItems: Wiper = async (tx, { projectId, finder, ids }) => {
  await lockItems(tx, projectId);
  for (const part of inParts(ids, atOnce)) {
    const stored = await rows<{ id: string; key: string; value: string }>(
      tx,
      sql`select id, key, value from collection_items where project_id = ${projectId}::uuid and id = any(${idList(part)})`,
    );
    const hit: string[] = [];
    for (const item of stored) if ((await lookInItem(finder, item)).isFound) hit.push(item.id);
    if (hit.length === 0) continue;
    await tx.execute(
      sql`with gone as (
        delete from collection_items where project_id = ${projectId}::uuid and id = any(${idList(hit)}) returning contents_id, bytes
      )
      update collections c set items = c.items - g.items, bytes = c.bytes - g.bytes, updated_at = now()
      from (select contents_id, count(*) as items, sum(bytes) as bytes from gone group by contents_id) g
      where c.contents_id = g.contents_id and c.project_id = ${projectId}::uuid`,
    );
  }
  return ids;
};
