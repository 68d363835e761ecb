import type { Sql } from "@/db/client";
import type { Pace } from "@/lib/domain/purge/pace";
import { deleteFound, type Found } from "@/lib/domain/purge/rows";

/** How many acts a project keeps on record. */
const keptActs = 1_000;
const someActs = 10;

/** Lists of what acts refused may be long. */
const refusals: Found = { table: "bulk_refusals", where: "act_id = $1 and project_id = $2" };

/** Forgets a project's oldest acts that are over, beyond those that it keeps. What the pace leaves goes with the next act's end. */
export async function forgetOldActs(sql: Sql, projectId: string, pace: Pace): Promise<void> {
  const old = await sql.query<{ id: string }>(
    `select id from bulk_acts where project_id = $1 and state in ('done', 'aborted', 'undone')
     order by id desc offset ${keptActs} limit ${someActs}`,
    [projectId],
  );
  for (const { id } of old) {
    if (!(await deleteFound(sql, refusals, [id, projectId], pace))) return;
    await sql.query("delete from bulk_acts where id = $1 and project_id = $2", [id, projectId]);
  }
}
