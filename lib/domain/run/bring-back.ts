import { queryOf } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { bucket } from "@/lib/payloads/bucket";
import { bringBack } from "@/lib/payloads/move";
import { Refusal } from "@/lib/refusal";

/**
 * Brings back the bodies of what is about to be processed again, before the transaction that queues it: which line a run is of, the
 * database decides by them. `ids` are of messages, runs and work orders. Throws `forbidden`, `not_found` when one is not in the
 * storage any more, and `unavailable` while that does not answer.
 */
export async function bringBackFor(
  ctx: Context,
  permission: Permission,
  ids: readonly string[],
): Promise<void> {
  const [lost] = await bringBackLeft(ctx, permission, ids);
  if (lost) throw new Refusal("not_found", lost.why);
}

/** The same for whoever does many: returns the messages whose bodies are not in the storage any more. */
export async function bringBackLeft(
  ctx: Context,
  permission: Permission,
  ids: readonly string[],
): Promise<{ id: string; why: string }[]> {
  requirePermission(ctx, permission);
  if (!bucket() || ids.length === 0) return [];
  const query = queryOf(ctx.db);
  const apart = await query<{ id: string }>(
    `select m.id from (
       select unnest($2::uuid[]) as id
       union select message_id from runs where project_id = $1 and id = any($2::uuid[])
       union select message_id from work_orders where project_id = $1 and id = any($2::uuid[])
     ) asked cross join lateral (
       select id from messages where id = asked.id and project_id = $1 and payload is not null limit 1
     ) m`,
    [ctx.project.id, [...ids]],
  );
  const { lost } = await bringBack(
    { query },
    ctx.project.id,
    apart.map(({ id }) => id),
  );
  return lost;
}
