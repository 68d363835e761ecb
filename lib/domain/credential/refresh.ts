import { eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentials } from "@/db/schema";
import { audit } from "@/lib/domain/audit";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import { notFound, Refusal } from "@/lib/refusal";
import { type CredentialBody, contextOf, openBody, sealBody } from "./body";
import { grantOf, type OAuthGrant, RenewalError, requestTokens, withTokens } from "./oauth";

const actor = { type: "system", label: "engine" } as const;
/** How long a token that is still good is used as it is after renewing it has failed. */
const tryAgainAfterMs = 30_000;

export type StoredCredential = { id: string; name: string; body: CredentialBody; storedAt: Date };

const renewing = new Map<string, Promise<CredentialBody>>();
const failedAt = new Map<string, number>();

const isDue = (grant: OAuthGrant | null): grant is OAuthGrant => grant !== null && grant.dueAt <= Date.now();

/**
 * The credential's body, its OAuth2 tokens renewed and stored when they are about to expire. A failed renewal counts
 * only when the token has expired: then it throws `unavailable` with a sentence that holds no secret.
 */
export async function refreshCredential(
  db: Db,
  policy: EgressPolicy,
  credential: StoredCredential,
): Promise<CredentialBody> {
  const { id, name, body } = credential;
  const grant = grantOf(body, credential.storedAt);
  if (!isDue(grant)) return body;
  const isValid = () => grant.validUntil > Date.now();
  if (isValid() && Date.now() - (failedAt.get(id) ?? 0) < tryAgainAfterMs) return body;
  try {
    const renewed = await once(id, () => renew(db, policy, id));
    failedAt.delete(id);
    return renewed;
  } catch (error) {
    failedAt.set(id, Date.now());
    if (isValid()) return body;
    const why = error instanceof RenewalError ? error.message : "the new one could not be stored";
    throw new Refusal(
      "unavailable",
      `The access token of the credential ${name} has expired and was not renewed: ${why}. Sign in to the service again and update the credential.`,
    );
  }
}

/** Everybody in this process who needs the same credential waits for one renewal, and for one connection. */
function once(id: string, work: () => Promise<CredentialBody>): Promise<CredentialBody> {
  const running = renewing.get(id);
  if (running) return running;
  const started = work().finally(() => renewing.delete(id));
  renewing.set(id, started);
  return started;
}

/** The advisory lock keeps other processes away: servers that rotate refresh tokens punish using one twice. */
function renew(db: Db, policy: EgressPolicy, id: string): Promise<CredentialBody> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${contextOf(id)}:refresh`}, 0))`);
    const before = await read(tx, id, false);
    const grant = grantOf(before.body, before.storedAt);
    if (!isDue(grant)) return before.body;
    const answer = await requestTokens(policy, grant);
    // Locked only now, so that its owner never waits for a token server. What was edited meanwhile is kept.
    const current = await read(tx, id, true);
    if (current.body.refresh_token !== grant.refreshToken) return current.body;
    const body = withTokens(current.body, answer, Date.now());
    await tx
      .update(credentials)
      .set({ body: sealBody(id, body), updatedAt: sql`now()` })
      .where(eq(credentials.id, id));
    await audit(tx, { actor }, { event: "credential.refresh", itemId: id });
    return body;
  });
}

async function read(
  tx: Db,
  id: string,
  isLocked: boolean,
): Promise<{ body: CredentialBody; storedAt: Date }> {
  const query = tx
    .select({ body: credentials.body, storedAt: credentials.updatedAt })
    .from(credentials)
    .where(eq(credentials.id, id));
  const [row] = await (isLocked ? query.for("update") : query);
  if (!row) throw notFound("The job's credential");
  return { body: openBody(id, row.body), storedAt: new Date(row.storedAt) };
}
