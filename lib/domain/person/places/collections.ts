import { sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Finder } from "@/lib/domain/person/finder";
import { firstThatFit, type Item, type Place, Where } from "./place";

const pageItems = 200;
const pageBytes = 1_000_000;

type Stored = { id: string; key: string; value: string; collection: string; updatedAt: Date | string };

/** What a collection's item holds: its key, and its value, which jobs read as JSON. */
export async function lookInItem(
  finder: Finder,
  { key, value }: { key: string; value: string },
): Promise<Where> {
  const where = new Where();
  where.add("key", finder.text(key));
  where.add("value", await finder.state(value));
  return where;
}

/** Items of collections. What was emptied is out of sight already. */
export const collectionsPlace: Place = {
  name: "collections",
  async page({ db, projectId, until, cursor, finder }) {
    const ofProject = keyset([[sql`i.project_id`, projectId]], sql`i.id`, {
      after: cursor ?? undefined,
      before: until,
    });
    const found = await rows<{ id: string; bytes: number }>(
      db,
      sql`select i.id, i.bytes from collection_items i
          where ${ofProject.where} order by ${ofProject.oldestFirst} limit ${pageItems}`,
    );
    const page = firstThatFit(found, pageBytes).map(({ id }) => id);
    const stored = await rows<Stored>(
      db,
      sql`select i.id, i.key, i.value, c.name as collection, i.updated_at as "updatedAt"
          from collection_items i join collections c on c.contents_id = i.contents_id and c.project_id = i.project_id
          where i.project_id = ${projectId}::uuid and i.id = any(${sql.param(page)}::uuid[]) order by i.id`,
    );
    const items: Item[] = [];
    for (const { id, collection, updatedAt, ...item } of stored) {
      const { places, excerpt, isFound } = await lookInItem(finder, item);
      if (!isFound) continue;
      items.push({
        kind: "collection_item",
        itemId: id,
        via: "found",
        places: places.map((place) => `${collection}: ${place}`),
        excerpt,
        at: new Date(updatedAt),
        source: "collection_items",
      });
    }
    const isLast = found.length < pageItems && page.length === found.length;
    return { items, seen: page.length, cursor: isLast ? null : (page.at(-1) ?? null) };
  },
};
