import type { Database } from "@/db/client";
import { atMost, type Pace } from "./pace";

const maxRows = 800;

/**
 * Takes a project out of the API tokens that work in several; one that worked in nothing else is revoked. What the record
 * says of them is their owners', so it stays, without the project. Returns whether none names it any more.
 */
export async function leaveTokens(database: Database, projectId: string, pace: Pace): Promise<boolean> {
  while (pace.goesOn()) {
    const named = await database.query<{ id: string }>(
      `select id from api_tokens where $1::uuid = any(project_ids) order by id limit $2::int`,
      [projectId, atMost(maxRows, pace.portion("api_tokens"))],
    );
    if (named.length === 0) return true;
    const ids = named.map(({ id }) => id);
    for (const column of ["before", "after"])
      await pace.run("api_tokens", () =>
        database.query(
          `/* checked: what is nobody's project's */ update audit_events
           set ${column} = jsonb_set(${column}, '{projectIds}', (${column}->'projectIds') - $2::text)
           where project_id is null and item_id = any($1::text[]) and ${column}->'projectIds' ? $2::text`,
          [ids, projectId],
        ),
      );
    await pace.run("api_tokens", () =>
      database.query(
        `update api_tokens set project_ids = array_remove(project_ids, $2::uuid),
           revoked_at = case when cardinality(project_ids) = 1 then coalesce(revoked_at, now()) else revoked_at end
         where id = any($1::uuid[]) and $2::uuid = any(project_ids)`,
        [ids, projectId],
      ),
    );
  }
  return false;
}
