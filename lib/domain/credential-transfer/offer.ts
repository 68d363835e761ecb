import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { iso, queryOf } from "@/db/rows";
import { credentials, credentialTransfers, projectCredentials, projectMembers, users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { queueNotices } from "@/lib/domain/notice/queue";
import { write } from "@/lib/domain/write";
import { invalid, notFound } from "@/lib/refusal";

/** OpenFn's time for accepting. */
export const transferDays = 2;

export const newTransfer = z.strictObject({
  credentialId: z.uuid(),
  email: z.string().trim().toLowerCase().max(320),
});

export const offeredTransfer = z.strictObject({ id: z.uuid(), email: z.string(), expiresAt: moment });

/**
 * Offers a credential of the caller's to somebody who collaborates in a project that it is shared with; it stays the caller's
 * until that one accepts, for two days. A second offer replaces the first. Throws `invalid` for anybody else, whether or
 * not there is such an account, and `not_found` for a credential of somebody else.
 */
export async function offerCredential(
  ctx: UserContext,
  input: z.input<typeof newTransfer>,
): Promise<z.infer<typeof offeredTransfer>> {
  const { credentialId, email } = newTransfer.parse(input);
  const fromId = ctx.actor.userId;
  return write(ctx, "own", async (tx) => {
    const [credential] = await tx
      .select({ name: credentials.name })
      .from(credentials)
      .where(and(eq(credentials.id, credentialId), eq(credentials.ownerId, fromId)))
      .for("update");
    if (!credential) throw notFound("The credential");
    const [to] = await tx
      .select({ id: users.id })
      .from(projectCredentials)
      .innerJoin(projectMembers, eq(projectMembers.projectId, projectCredentials.projectId))
      .innerJoin(users, eq(users.id, projectMembers.userId))
      .where(
        and(
          eq(projectCredentials.credentialId, credentialId),
          eq(users.email, email),
          sql`${projectMembers.role} <> 'viewer'`,
          sql`${users.disabledAt} is null and ${users.deletesAt} is null`,
        ),
      )
      .limit(1);
    if (!to || to.id === fromId)
      throw invalid("A credential goes to an editor, admin or owner of a project that it is shared with.", {
        email: [
          to
            ? "It is yours already."
            : `Share ${credential.name} first with a project that this person can edit.`,
        ],
      });
    await tx.delete(credentialTransfers).where(eq(credentialTransfers.credentialId, credentialId));
    const [made] = await tx
      .insert(credentialTransfers)
      .values({
        credentialId,
        fromId,
        toId: to.id,
        expiresAt: sql`now() + make_interval(days => ${transferDays})`,
      })
      .returning({ id: credentialTransfers.id, expiresAt: credentialTransfers.expiresAt });
    if (!made) throw new Error("The offer was not inserted.");
    await queueNotices({ query: queryOf(tx) }, [
      {
        kind: "credential_transfer",
        key: `credential-transfer:${made.id}`,
        projectId: null,
        to: { userId: to.id },
        data: { transferId: made.id },
        notBefore: null,
      },
    ]);
    return {
      result: { id: made.id, email, expiresAt: iso(made.expiresAt) },
      audit: {
        event: "credential.offer",
        itemId: credentialId,
        after: { name: credential.name, to: email },
      },
      changed: null,
    };
  });
}
