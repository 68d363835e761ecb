import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { credentials, oauthClients } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { oauthClientId } from "./fields";

/**
 * Deletes a client. Throws `conflict` while credentials are renewed with it, whoever owns them, and `not_found` for
 * everybody but its owner.
 */
export async function deleteOauthClient(
  ctx: UserContext,
  input: z.input<typeof oauthClientId>,
): Promise<void> {
  const { oauthClientId: id } = oauthClientId.parse(input);
  await write(ctx, "own", async (tx) => {
    const isMine = and(eq(oauthClients.id, id), eq(oauthClients.ownerId, ctx.actor.userId));
    const [client] = await tx
      .select({ name: oauthClients.name })
      .from(oauthClients)
      .where(isMine)
      .for("update");
    if (!client) throw notFound("The OAuth2 client");
    const count = await tx.$count(credentials, eq(credentials.oauthClientId, id));
    if (count > 0)
      throw conflict(
        `${count === 1 ? "A credential is" : `${count} credentials are`} renewed with ${client.name}. Connect with another client, or delete ${count === 1 ? "it" : "them"}, first.`,
      );
    await tx.delete(oauthClients).where(isMine);
    return {
      result: undefined,
      audit: { event: "oauth_client.delete", itemId: id, before: client },
      changed: null,
    };
  });
}
