import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { queryOf, rows } from "@/db/rows";
import { bulkActs } from "@/db/schema";
import { paceOf } from "@/lib/domain/purge/pace";
import { write } from "@/lib/domain/write";
import { sendEvent } from "@/lib/queue/queue";
import { type Asked, type BatchResult, type BulkHost, bulkBatch } from "./batch";
import { forgetOldActs } from "./forget";

/** Pauses up to this are waited for within a call: there is nothing to gain by coming back. */
const shortPauseMs = 150;
const forgetMs = 2_000;

/**
 * Carries out an act for about `budgetMs`: batch after batch, until it has to wait or is over. Any number may do so at
 * once: each batch is one transaction behind the act's cursor.
 */
export async function carryOutBulk(host: BulkHost, ids: Asked, budgetMs: number): Promise<BatchResult> {
  const endsAt = performance.now() + budgetMs;
  for (;;) {
    const result = await bulkBatch(host, ids);
    if (result.isOver) await forgetOldActs({ query: queryOf(host.db) }, ids.projectId, paceOf(forgetMs));
    if (result.isOver || result.waitMs > shortPauseMs || performance.now() > endsAt) return result;
    if (result.waitMs > 0) await sleep(result.waitMs);
  }
}

const silentSeconds = 120;

/**
 * The safety net: asks again for acts that are under way and that nobody has looked after for two minutes beyond the time
 * at which they were to go on. Returns how many.
 */
export async function askForgottenBulk({ db, announce }: BulkHost): Promise<number> {
  const found = await rows<{ id: string; projectId: string }>(
    db,
    sql`/* all tenants: the safety net */ select id, project_id as "projectId" from bulk_acts
        where state in ('running', 'undoing') and beat_at < clock_timestamp() - make_interval(secs => ${silentSeconds})
          and next_at < clock_timestamp() - make_interval(secs => ${silentSeconds})
        order by beat_at limit 100`,
  );
  for (const { id, projectId } of found) await askForBulk({ db, announce }, { actId: id, projectId });
  return found.length;
}

/** Asks engines to go on with an act; whoever was asked before leaves it. */
export const askForBulk = (host: BulkHost, { actId, projectId }: Asked): Promise<void> =>
  write({ ...host, project: { id: projectId } }, "own", async (tx) => {
    await beginTurn(tx, { actId, projectId });
    return { result: undefined, audit: null, changed: null };
  });

/** The same within a `write`. */
export async function beginTurn(tx: Db, { actId, projectId }: Asked): Promise<void> {
  const [act] = await tx
    .update(bulkActs)
    .set({ turn: sql`${bulkActs.turn} + 1`, beatAt: sql`clock_timestamp()` })
    .where(and(eq(bulkActs.projectId, projectId), eq(bulkActs.id, actId)))
    .returning({ turn: bulkActs.turn });
  if (act) await sendEvent(tx, projectId, "bulk/requested", { actId, projectId, turn: act.turn });
}
