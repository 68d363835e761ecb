import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { credentials } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import { egressHosts } from "@/lib/domain/egress-hosts";
import { named, storable } from "@/lib/domain/fields";
import { write } from "@/lib/domain/write";
import { limits } from "@/lib/limits";
import { conflict } from "@/lib/refusal";
import { credentialBody, sealBody } from "./body";

export const credentialName = storable
  .trim()
  .min(1, "Enter a name, such as HAPI FHIR test server.")
  .max(limits.credentialName, `Use at most ${limits.credentialName} characters.`);

/** Where a credential may be sent. One list for what is asked and what is answered: null is any host. */
export const allowedHosts = egressHosts
  .min(1, "Name at least one host, or none at all (null) for any host that the project allows.")
  .nullable()
  .meta({ description: "Hosts that jobs may send it to; null: any that the project allows." });

/** What a keychain finds it by. Compared as it is. */
export const externalId = storable
  .trim()
  .min(1, "Enter what messages call it, such as F001, or nothing at all (null).")
  .max(limits.externalId, `Use at most ${limits.externalId} characters.`)
  .nullable()
  .meta({ description: "What keychains find it by, such as a facility's code; null: they do not." });

/** When a secret ends, as its owner knows: they are told before. */
export const expiresAt = z.iso
  .datetime({ offset: true })
  .refine(
    (at) => Date.parse(at) < Date.now() + 100 * 365 * 86_400_000,
    "Choose a day within a hundred years.",
  )
  .nullable()
  .meta({ description: "When its secret ends; you are told before. Null: nobody knows." });

export const newCredential = z.strictObject({
  name: credentialName,
  /** The adaptor whose form made it, or `raw`. */
  schema: storable.trim().min(1).max(200).default("raw"),
  body: credentialBody,
  allowedHosts: allowedHosts.default(null),
  externalId: externalId.default(null),
  expiresAt: expiresAt.default(null),
});

export const createdCredential = z.strictObject({ ...named.shape, schema: z.string() });

export const dateOrNull = (at: string | null): Date | null => (at === null ? null : new Date(at));

export const sameName = (name: string) =>
  conflict(`You already have a credential named ${name}. Choose another name, or edit that one.`);

/** Stores a secret, encrypted, which only its owner can read again. Throws `conflict` when the name or the id is used. */
export async function createCredential(
  ctx: UserContext,
  input: z.input<typeof newCredential>,
  { id = randomUUID() }: { id?: string } = {},
): Promise<z.infer<typeof createdCredential>> {
  const { name, schema, body, allowedHosts, externalId, expiresAt } = newCredential.parse(input);
  try {
    return await write(ctx, "own", async (tx) => {
      await lockPerson(tx, ctx.actor.userId);
      const where = eq(credentials.ownerId, ctx.actor.userId);
      await refuseOneMore(tx, "credentialsOwned", { table: credentials, where, whose: "Your account" });
      await tx.insert(credentials).values({
        id,
        ownerId: ctx.actor.userId,
        name,
        schema,
        body: sealBody(id, body),
        allowedHosts,
        externalId,
        expiresAt: dateOrNull(expiresAt),
      });
      return {
        result: { id, name, schema },
        audit: { event: "credential.create", itemId: id, after: { name, schema, allowedHosts, externalId } },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "credentials_owner_name")) throw sameName(name);
    throw error;
  }
}
