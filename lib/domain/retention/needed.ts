import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { conflict } from "@/lib/refusal";
import { type Wiped, wipedSentence } from "@/lib/state/wiped";

/** What a run that is about to be queued begins with, of one project. Null is none. */
export type Needed = { messageId: string | null; workOrderId: string | null };

/**
 * Locks what a run needs until it is queued, so that retention comes before or after it, and never between. Throws
 * `conflict` with the reason when that is wiped or deleted. `asInput`: the run begins with what the message said; others
 * may begin with a state while the message is wiped.
 */
export async function holdNeeded(
  tx: Db,
  projectId: string,
  { messageId, workOrderId }: Needed,
  { asInput }: { asInput: boolean },
): Promise<void> {
  if (workOrderId) {
    const [order] = await rows(
      tx,
      sql`select 1 from work_orders where id = ${workOrderId}::uuid and project_id = ${projectId} for key share`,
    );
    if (!order) throw conflict("Its history was deleted by retention a moment ago.");
  }
  if (!messageId) return;
  const [message] = await rows<Wiped & { isWiped: boolean }>(
    tx,
    sql`select wiped_at is not null as "isWiped", wiped_at as "wipedAt", wiped_for as "wipedFor", received_at as since
        from messages where id = ${messageId}::uuid and project_id = ${projectId} for share`,
  );
  if (!message) throw conflict("The message was deleted by retention a moment ago.");
  if (asInput && message.isWiped)
    throw conflict(`The message has no body to run again. ${wipedSentence(message)}`);
}
