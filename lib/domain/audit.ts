import type { Db } from "@/db/client";
import { auditEvents } from "@/db/schema";
import type { Actor } from "./context";

/** One line of the record. `actor` and `project` are the context's unless the entry names others. Never pass secrets. */
export type AuditEntry = {
  /** `thing.verb`, as in the permission that allowed it. */
  event: string;
  itemId?: string;
  before?: unknown;
  after?: unknown;
  actor?: Actor;
  project?: { id: string } | undefined;
};

/** Records who did what, in the transaction that does it: it commits with the change or not at all. `write` calls it. */
export async function audit(
  tx: Db,
  ctx: { actor?: Actor; project?: { id: string } | undefined },
  entry: AuditEntry,
): Promise<void> {
  const actor = entry.actor ?? ctx.actor;
  if (!actor) throw new Error(`Nobody is named who did ${entry.event}.`);
  await tx.insert(auditEvents).values({
    projectId: (entry.project ?? ctx.project)?.id ?? null,
    actorType: actor.type,
    actorId: actor.type === "token" ? actor.tokenId : actor.type === "user" ? actor.userId : null,
    actorLabel: actor.label,
    event: entry.event,
    itemId: entry.itemId ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  });
}
