import type { Db } from "@/db/client";
import { auditEvents } from "@/db/schema";
import type { Actor } from "./context";

/** Records who did what, in the caller's transaction: it commits with the change or not at all. Never pass secrets. */
export async function audit(
  tx: Db,
  ctx: { actor: Actor; project?: { id: string } | undefined },
  entry: { event: string; itemId?: string; before?: unknown; after?: unknown },
): Promise<void> {
  const { actor } = ctx;
  await tx.insert(auditEvents).values({
    projectId: ctx.project?.id ?? null,
    actorType: actor.type,
    actorId: actor.type === "token" ? actor.tokenId : actor.type === "user" ? actor.userId : null,
    actorLabel: actor.label,
    event: entry.event,
    itemId: entry.itemId ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  });
}
