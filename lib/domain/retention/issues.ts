import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";
import type { Actor } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import type { RetentionKind } from "@/lib/words";
import { type Cuts, isNone } from "./cuts";

/** Few: each has its failures of 90 days. Lists, since what a subquery locks may be more than its limit. */
const batchRows = 50;

type Forgetting = { db: Db; actor: Actor; projectId: string; cuts: Record<RetentionKind, Cuts> };

/**
 * What issues keep of failures goes as the failures do: with the logs an issue's title, which is what an error said, and with
 * the history the issue itself, once none of the work orders that it affected is left. Some rows a call.
 */
export async function forgetIssues({ db, actor, projectId, cuts }: Forgetting): Promise<void> {
  if (isNone(cuts.logs.failure) && isNone(cuts.orders.failure)) return;
  await write({ db, actor, project: { id: projectId } }, "own", async (tx) => {
    const query = queryOf(tx);
    await query(
      `update issues set title = error_type where project_id = $1 and id = any(array(
         select i.id from issues i where i.project_id = $1 and i.seen_id < $2 and i.title <> i.error_type
         order by i.seen_id limit $3 for update skip locked))`,
      [projectId, cuts.logs.failure, batchRows],
    );
    await query(
      `delete from issues where project_id = $1 and id = any(array(
         select i.id from issues i where i.project_id = $1 and i.seen_id < $2
           and not exists (select 1 from issue_orders o where o.issue_id = i.id and o.project_id is not distinct from i.project_id)
         order by i.seen_id limit $3 for update skip locked))`,
      [projectId, cuts.orders.failure, batchRows],
    );
    return { result: undefined, audit: null, changed: null };
  });
}
