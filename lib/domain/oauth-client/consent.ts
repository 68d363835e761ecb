import { createHash, randomBytes } from "node:crypto";
import { and, eq, lt, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { credentials, oauthClients, oauthConsents } from "@/db/schema";
import { seal } from "@/lib/crypto/envelope";
import { newToken } from "@/lib/crypto/token";
import type { UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import { credentialName } from "@/lib/domain/credential/create";
import { findMembership } from "@/lib/domain/member/find-role";
import { can } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { forbidden, notFound, Refusal } from "@/lib/refusal";
import { isUsableBy } from "./usable";

/** How long somebody may look at a service's consent page. */
const minutes = 15;

export const newConsent = z.strictObject({
  oauthClientId: z.uuid(),
  credentialId: z.uuid().optional().meta({ description: "One of yours that is to be connected again." }),
  name: credentialName.optional().meta({ description: "What a new one is to be called." }),
  shareWith: z.uuid().optional().meta({ description: "The project that a new one is shared with." }),
});

export const consentAddress = z.strictObject({ url: z.url() });

/** What the envelope of a verifier is sealed for. */
export const verifierContext = (stateHash: string): string => `oauth_consent:${stateHash}`;

/** Where services send people back to: what is registered there. */
export const redirectUri = (origin: string): string => `${origin}/connect`;

/**
 * Begins to connect a credential: the address of the service's consent page (RFC 6749 §4.1.1, with PKCE, RFC 7636), whose answer
 * is good once, for 15 minutes and for the caller. Throws `not_found` for a client that the caller may not connect with
 * or a credential of somebody else.
 */
export async function startConsent(
  ctx: UserContext,
  input: z.input<typeof newConsent>,
  origin: string,
): Promise<z.infer<typeof consentAddress>> {
  const { oauthClientId, credentialId, name, shareWith } = newConsent.parse(input);
  const { userId } = ctx.actor;
  const { token: state, hash: stateHash } = newToken("");
  const verifier = randomBytes(32).toString("base64url");
  return write(ctx, "own", async (tx) => {
    await lockPerson(tx, userId);
    const client = await usableClient(tx, userId, oauthClientId);
    const called = credentialId ? await nameOfMine(tx, userId, credentialId) : name;
    if (!called) throw new Refusal("invalid", "Say what it is to be called.", { name: ["Enter a name."] });
    if (shareWith) await requireEditor(tx, userId, shareWith);
    // checked: the caller's own
    await tx
      .delete(oauthConsents)
      .where(and(eq(oauthConsents.userId, userId), lt(oauthConsents.expiresAt, sql`now()`)));
    const where = eq(oauthConsents.userId, userId);
    await refuseOneMore(tx, "consentsOpen", { table: oauthConsents, where, whose: "Your account" });
    await tx.insert(oauthConsents).values({
      stateHash,
      userId,
      oauthClientId,
      credentialId: credentialId ?? null,
      name: called,
      projectId: shareWith ?? null,
      verifier: seal(verifier, verifierContext(stateHash)),
      expiresAt: sql`now() + make_interval(mins => ${minutes})`,
    });
    return {
      result: { url: consentUrl(client, { state, verifier, redirectUri: redirectUri(origin) }) },
      // Nothing has changed yet.
      audit: null,
      changed: null,
    };
  });
}

type Client = typeof oauthClients.$inferSelect;

async function usableClient(tx: Db, userId: string, id: string): Promise<Client> {
  const [client] = await tx
    .select()
    .from(oauthClients)
    .where(and(eq(oauthClients.id, id), isUsableBy(userId)));
  if (!client) throw notFound("The OAuth2 client");
  return client;
}

async function nameOfMine(tx: Db, userId: string, id: string): Promise<string> {
  const [mine] = await tx
    .select({ name: credentials.name })
    .from(credentials)
    .where(and(eq(credentials.id, id), eq(credentials.ownerId, userId)));
  if (!mine) throw notFound("The credential");
  return mine.name;
}

async function requireEditor(tx: Db, userId: string, projectId: string): Promise<void> {
  const membership = await findMembership(tx, userId, projectId);
  if (!membership || membership.needsSecondFactor) throw notFound("The project");
  if (!can(membership.role, "credential.use")) throw forbidden();
}

function consentUrl(
  { authorizationUrl, clientId, scopes, parameters }: Client,
  { state, verifier, redirectUri }: { state: string; verifier: string; redirectUri: string },
): string {
  const url = new URL(authorizationUrl);
  const said = {
    ...parameters,
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes ? { scope: scopes } : {}),
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(said)) url.searchParams.set(name, value);
  return url.href;
}
