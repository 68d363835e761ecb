import { and, eq, gt, sql } from "drizzle-orm";
import { z } from "zod";
import { credentials, credentialTransfers } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import { credentialName } from "@/lib/domain/credential/create";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";

export const transferId = z.strictObject({ transferId: z.uuid() });
export const transferAcceptance = transferId.extend({
  name: credentialName.optional().meta({ description: "Another name, when you have one of this name." }),
});

/**
 * The credential becomes the caller's, with its secret, everywhere it is shared. Throws `not_found` for an offer that was not made
 * to the caller, was withdrawn or ran out, `conflict` when the caller has one of that name.
 */
export async function acceptTransfer(
  ctx: UserContext,
  input: z.input<typeof transferAcceptance>,
): Promise<{ id: string; name: string }> {
  const { transferId: id, name: chosen } = transferAcceptance.parse(input);
  const toId = ctx.actor.userId;
  let called = chosen ?? "";
  try {
    return await write(ctx, "own", async (tx) => {
      await lockPerson(tx, toId);
      const where = eq(credentials.ownerId, toId);
      await refuseOneMore(tx, "credentialsOwned", { table: credentials, where, whose: "Your account" });
      const [offer] = await tx
        .delete(credentialTransfers)
        .where(
          and(
            eq(credentialTransfers.id, id),
            eq(credentialTransfers.toId, toId),
            gt(credentialTransfers.expiresAt, sql`now()`),
          ),
        )
        .returning({ credentialId: credentialTransfers.credentialId, fromId: credentialTransfers.fromId });
      if (!offer) throw notFound("The offer");
      const isStillTheirs = and(
        eq(credentials.id, offer.credentialId),
        eq(credentials.ownerId, offer.fromId),
      );
      const [row] = await tx
        .select({ name: credentials.name })
        .from(credentials)
        .where(isStillTheirs)
        .for("update");
      if (!row) throw notFound("The offer");
      called = chosen ?? row.name;
      await tx
        .update(credentials)
        .set({ ownerId: toId, name: called, updatedAt: sql`now()` })
        .where(isStillTheirs);
      return {
        result: { id: offer.credentialId, name: called },
        audit: {
          event: "credential.transfer",
          itemId: offer.credentialId,
          before: { name: row.name, ownerId: offer.fromId },
          after: { name: called, ownerId: toId },
        },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "credentials_owner_name"))
      throw conflict(`You already have a credential named ${called}. Accept it under another name.`);
    throw error;
  }
}

/** The offer is over: its maker withdraws it, or who was offered declines. Throws `not_found` for everybody else. */
export async function endTransfer(ctx: UserContext, input: z.input<typeof transferId>): Promise<void> {
  const { transferId: id } = transferId.parse(input);
  const { userId } = ctx.actor;
  await write(ctx, "own", async (tx) => {
    const [offer] = await tx
      .delete(credentialTransfers)
      .where(
        and(
          eq(credentialTransfers.id, id),
          sql`${userId} in (${credentialTransfers.fromId}, ${credentialTransfers.toId})`,
        ),
      )
      .returning();
    if (!offer) throw notFound("The offer");
    return {
      result: undefined,
      audit: {
        event: offer.fromId === userId ? "credential.withdraw" : "credential.decline",
        itemId: offer.credentialId,
      },
      changed: null,
    };
  });
}
