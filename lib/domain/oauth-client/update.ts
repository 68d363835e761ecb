import { and, eq, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "@/db/client";
import { credentials, oauthClients } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict, notFound, Refusal } from "@/lib/refusal";
import { sameName } from "./create";
import { oauthClientUpdate } from "./fields";
import { sealSecret } from "./secret";

/**
 * Changes a client: what renews the credentials that were connected with it. Without `clientSecret` the secret stays. Throws
 * `not_found` for everybody but its owner, `invalid` when it would have no way to prove itself.
 */
export async function updateOauthClient(
  ctx: UserContext,
  input: z.input<typeof oauthClientUpdate>,
): Promise<void> {
  const { oauthClientId: id, clientSecret, ...fields } = oauthClientUpdate.parse(input);
  const isMine = and(eq(oauthClients.id, id), eq(oauthClients.ownerId, ctx.actor.userId));
  try {
    await write(ctx, "own", async (tx) => {
      const [before] = await tx.select().from(oauthClients).where(isMine).for("update");
      if (!before) throw notFound("The OAuth2 client");
      const moves = (["authorizationUrl", "tokenUrl"] as const).some(
        (name) => fields[name] !== undefined && fields[name] !== before[name],
      );
      if (moves) await refuseToMove(tx, ctx.actor.userId, id);
      const tokenAuth = fields.tokenAuth ?? before.tokenAuth;
      const secret =
        tokenAuth === "none" || clientSecret === null
          ? null
          : clientSecret === undefined
            ? before.clientSecret
            : sealSecret(id, clientSecret);
      if (tokenAuth !== "none" && secret === null)
        throw new Refusal("invalid", "Enter the client's secret, or make it a public client.", {
          clientSecret: ["Enter the secret that the service gave you."],
        });
      await tx
        .update(oauthClients)
        .set({ ...fields, tokenAuth, clientSecret: secret, updatedAt: sql`now()` })
        .where(isMine);
      const shown = ({ name, tokenUrl, authorizationUrl }: typeof before) => ({
        name,
        tokenUrl,
        authorizationUrl,
      });
      return {
        result: undefined,
        audit: {
          event: "oauth_client.update",
          itemId: id,
          before: shown(before),
          after: {
            ...shown({ ...before, ...fields } as typeof before),
            secretChanged: clientSecret !== undefined,
          },
        },
        changed: null,
      };
    });
  } catch (error) {
    if (fields.name && violates(error, "oauth_clients_owner_name")) throw sameName(fields.name);
    throw error;
  }
}

/** Others' refresh tokens would be sent to wherever the client's owner says. */
async function refuseToMove(tx: Db, ownerId: string, id: string): Promise<void> {
  const others = await tx.$count(
    credentials,
    and(eq(credentials.oauthClientId, id), ne(credentials.ownerId, ownerId)),
  );
  if (others > 0)
    throw conflict(
      "Other people's credentials are renewed with this client, so its addresses stay as they are. Make a new client with the new ones.",
    );
}
