import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { z } from "zod";
import { oauthClients } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import type { named } from "@/lib/domain/fields";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { newOauthClient } from "./fields";
import { sealSecret } from "./secret";

export const sameName = (name: string) =>
  conflict(`You already have an OAuth2 client named ${name}. Choose another name, or edit that one.`);

/** Stores an application that is registered at a service. Throws `conflict` when the name is used. */
export async function createOauthClient(
  ctx: UserContext,
  input: z.input<typeof newOauthClient>,
): Promise<z.infer<typeof named>> {
  const { clientSecret, ...fields } = newOauthClient.parse(input);
  const id = randomUUID();
  const ownerId = ctx.actor.userId;
  try {
    return await write(ctx, "own", async (tx) => {
      await lockPerson(tx, ownerId);
      const where = eq(oauthClients.ownerId, ownerId);
      await refuseOneMore(tx, "oauthClientsOwned", { table: oauthClients, where, whose: "Your account" });
      await tx
        .insert(oauthClients)
        .values({ id, ownerId, ...fields, clientSecret: clientSecret ? sealSecret(id, clientSecret) : null });
      const { name, provider } = fields;
      return {
        result: { id, name },
        audit: { event: "oauth_client.create", itemId: id, after: { name, provider } },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "oauth_clients_owner_name")) throw sameName(fields.name);
    throw error;
  }
}
