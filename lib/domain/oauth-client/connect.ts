import { randomUUID } from "node:crypto";
import { and, eq, gt, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { credentials, oauthClients, oauthConsents } from "@/db/schema";
import { open } from "@/lib/crypto/envelope";
import { hashToken } from "@/lib/crypto/token";
import { violates } from "@/lib/domain/constraint";
import type { Context, UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import { type CredentialBody, openBody, sealBody } from "@/lib/domain/credential/body";
import { sameName } from "@/lib/domain/credential/create";
import { withTokens } from "@/lib/domain/credential/oauth";
import { shareCredential } from "@/lib/domain/credential/share";
import { requestTokens, type TokenAnswer, TokenError } from "@/lib/domain/credential/token-request";
import { findMembership } from "@/lib/domain/member/find-role";
import { may } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import { notFound, Refusal } from "@/lib/refusal";
import { redirectUri, verifierContext } from "./consent";
import { clientColumns, clientOf } from "./keys";

/** What a service sent somebody back with (RFC 6749 §4.1.2). */
export const consentAnswer = z.strictObject({
  state: z.string().min(1).max(500),
  code: z.string().min(1).max(4_000).optional(),
  /** A word of the standard; what else the service says of it is not repeated. */
  error: z.string().max(200).optional(),
});

export const connected = z.strictObject({
  credentialId: z.uuid(),
  name: z.string(),
  isNew: z.boolean(),
  /** The project that a new one was shared with. */
  projectId: z.uuid().nullable(),
});

type Host = { policy: EgressPolicy; origin: string };

/**
 * Ends what `startConsent` began: fetches the tokens and stores them, in a new credential or in the one that was connected
 * again. An answer is good once. Throws `not_found` for one that is not the caller's or not awaited any more, `invalid` when the
 * person declined, `unavailable` when the service gives no tokens.
 */
export async function connectCredential(
  ctx: UserContext,
  input: z.input<typeof consentAnswer>,
  { policy, origin }: Host,
): Promise<z.infer<typeof connected>> {
  const { state, code, error } = consentAnswer.parse(input);
  const consent = await takeConsent(ctx, state);
  if (error === "access_denied")
    throw new Refusal(
      "invalid",
      `The service was not allowed to be used, so ${consent.name} was not connected.`,
    );
  if (error || !code)
    throw new Refusal(
      "unavailable",
      `The service did not say yes. Connect ${consent.name} again, or ask whoever registered the client.`,
    );
  const tokens = await requestTokens(policy, consent.client, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(origin),
    code_verifier: consent.verifier,
  }).catch((failure: unknown) => {
    if (!(failure instanceof TokenError)) throw failure;
    throw new Refusal("unavailable", `${consent.name} was not connected: ${failure.message}. Try again.`);
  });
  return consent.credentialId
    ? renewed(ctx, consent, consent.credentialId, tokens)
    : made(ctx, consent, tokens);
}

type Consent = Awaited<ReturnType<typeof takeConsent>>;

/** Takes it, so that nobody has it a second time. */
async function takeConsent(ctx: UserContext, state: string) {
  const stateHash = hashToken(state);
  return write(ctx, "own", async (tx) => {
    const isAwaited = and(
      eq(oauthConsents.stateHash, stateHash),
      eq(oauthConsents.userId, ctx.actor.userId),
      gt(oauthConsents.expiresAt, sql`now()`),
    );
    // checked: the caller's own
    const [row] = await tx
      .select({ consent: oauthConsents, client: clientColumns })
      .from(oauthConsents)
      .innerJoin(oauthClients, eq(oauthClients.id, oauthConsents.oauthClientId))
      .where(isAwaited)
      .for("update", { of: oauthConsents });
    const client = clientOf(row?.client ?? null);
    if (!row || !client)
      throw new Refusal(
        "not_found",
        "Nobody waits for this answer any more: it came twice, late, or for somebody else. Connect the credential again.",
      );
    // checked: the caller's own
    await tx.delete(oauthConsents).where(isAwaited);
    const { consent } = row;
    return {
      result: { ...consent, client, verifier: open(consent.verifier, verifierContext(stateHash)) },
      audit: null,
      changed: null,
    };
  });
}

async function made(ctx: UserContext, consent: Consent, tokens: TokenAnswer) {
  const { name, oauthClientId, projectId } = consent;
  const id = randomUUID();
  const ownerId = ctx.actor.userId;
  try {
    return await write(ctx, "own", async (tx) => {
      await lockPerson(tx, ownerId);
      const where = eq(credentials.ownerId, ownerId);
      await refuseOneMore(tx, "credentialsOwned", { table: credentials, where, whose: "Your account" });
      const body = sealBody(id, withTokens({}, tokens, Date.now()));
      await tx.insert(credentials).values({ id, ownerId, name, schema: "oauth", body, oauthClientId });
      const isShared = projectId !== null && (await shareIn(ctx, tx, projectId, id));
      return {
        result: { credentialId: id, name, isNew: true, projectId: isShared ? projectId : null },
        audit: { event: "credential.connect", itemId: id, after: { name, oauthClientId } },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "credentials_owner_name")) throw sameName(name);
    throw error;
  }
}

/** Whoever is no editor of the project any more has the credential all the same. */
async function shareIn(ctx: UserContext, tx: Db, projectId: string, credentialId: string): Promise<boolean> {
  const membership = await findMembership(tx, ctx.actor.userId, projectId);
  if (!membership || membership.needsSecondFactor || !may(membership, "credential.use")) return false;
  const inProject: Context = { ...ctx, db: tx, project: membership.project, role: membership.role };
  await shareCredential(inProject, { credentialId });
  return true;
}

/** Fields that its owner added stay; of the tokens before it nothing does. */
async function renewed(ctx: UserContext, consent: Consent, id: string, tokens: TokenAnswer) {
  return write(ctx, "own", async (tx) => {
    const isMine = and(eq(credentials.id, id), eq(credentials.ownerId, ctx.actor.userId));
    const [before] = await tx
      .select({ name: credentials.name, body: credentials.body })
      .from(credentials)
      .where(isMine)
      .for("update");
    if (!before) throw notFound("The credential");
    const body = withTokens(withoutTokens(openBody(id, before.body)), tokens, Date.now());
    await tx
      .update(credentials)
      .set({
        body: sealBody(id, body),
        oauthClientId: consent.oauthClientId,
        renewalFailedAt: null,
        renewalProblem: null,
        updatedAt: sql`now()`,
      })
      .where(isMine);
    return {
      result: { credentialId: id, name: before.name, isNew: false, projectId: null },
      audit: {
        event: "credential.connect",
        itemId: id,
        after: { name: before.name, oauthClientId: consent.oauthClientId },
      },
      changed: null,
    };
  });
}

const tokenFields = new Set([
  ...["access_token", "refresh_token", "id_token", "token_type", "scope", "expires_in", "expires_at"],
  // Keys of a client that was entered by hand: the one that it is connected with has its own.
  ...["client_id", "client_secret", "token_url", "oauth"],
]);

const withoutTokens = (body: CredentialBody): CredentialBody =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !tokenFields.has(name)));
