import type { Sql } from "@/db/client";
import type { Pace } from "@/lib/domain/purge/pace";
import { deleteFound, type Found } from "@/lib/domain/purge/rows";

const emptied: Found = {
  table: "collection_items",
  where: "contents_id = $1 and project_id = $2",
  bytes: "bytes",
};

/**
 * Deletes items whose collection was emptied or deleted, batch by batch, and waits for nobody's lock. Returns whether none is
 * left; false when the pace ended first: what is gone stays gone.
 */
export async function drainCollections(sql: Sql, pace: Pace): Promise<boolean> {
  while (pace.goesOn()) {
    const [next] = await sql.query<{ id: string; projectId: string }>(
      `/* all tenants: what is emptied of everybody's */
       select contents_id as id, project_id as "projectId" from emptied_collections order by created_at limit 1`,
      [],
    );
    if (!next) return true;
    if (!(await deleteFound(sql, emptied, [next.id, next.projectId], pace))) return false;
    const [done] = await sql.query(
      `delete from emptied_collections e where e.contents_id = $1 and e.project_id = $2
         and not exists (select 1 from collection_items i where i.contents_id = e.contents_id and i.project_id = e.project_id)
       returning 1`,
      [next.id, next.projectId],
    );
    if (!done) await pace.rest();
  }
  return false;
}
