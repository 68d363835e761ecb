import { setTimeout as pause } from "node:timers/promises";
import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentialBodies, credentials } from "@/db/schema";
import { write } from "@/lib/domain/write";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import { notFound, Refusal } from "@/lib/refusal";
import { type CredentialBody, contextOf, openBody, sealBody } from "./body";
import { claimRefresh, leaseMs, releaseRefresh } from "./lease";
import { grantOf, type OAuthGrant, RenewalError, requestTokens, type TokenAnswer, withTokens } from "./oauth";

const actor = { type: "system", label: "engine" } as const;
/** How long a token that is still good is used as it is after renewing it has failed. */
const tryAgainAfterMs = 30_000;
/** How long another process's renewal is waited for: its lease, and that of one which took over. */
const patienceMs = 2 * leaseMs;
const longestPauseMs = 500;

/** One of a credential's bodies: that of an environment, null is `main`. */
type BodyOf = { id: string; env: string | null };

export type StoredCredential = BodyOf & {
  name: string;
  body: CredentialBody;
  allowedHosts: string[] | null;
  storedAt: Date;
};

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
  const { id, env, name, body } = credential;
  const of = { id, env };
  const grant = grantOf(body, credential.storedAt);
  if (!isDue(grant)) return body;
  const isValid = () => grant.validUntil > Date.now();
  if (isValid() && Date.now() - (failedAt.get(keyOf(of)) ?? 0) < tryAgainAfterMs) return body;
  try {
    const renewed = await once(keyOf(of), () => renew(db, policy, of));
    failedAt.delete(keyOf(of));
    return renewed;
  } catch (error) {
    noteFailure(keyOf(of));
    if (isValid()) return body;
    const why = error instanceof RenewalError ? error.message : "the new one could not be stored";
    throw new Refusal(
      "unavailable",
      `The access token of the credential ${name} has expired and was not renewed: ${why}. Sign in to the service again and update the credential.`,
    );
  }
}

const keyOf = ({ id, env }: BodyOf): string => contextOf(id, env);

/** Everybody in this process who needs the same tokens waits for one renewal. */
function once(key: string, work: () => Promise<CredentialBody>): Promise<CredentialBody> {
  const running = renewing.get(key);
  if (running) return running;
  const started = work().finally(() => renewing.delete(key));
  renewing.set(key, started);
  return started;
}

/** Kept for as long as it matters, so that the map holds what failed lately and no more. */
function noteFailure(key: string): void {
  const now = Date.now();
  for (const [known, at] of failedAt) if (now - at >= tryAgainAfterMs) failedAt.delete(known);
  failedAt.set(key, now);
}

/**
 * One process asks, the others wait for what it stores: servers that rotate refresh tokens punish using one twice. A
 * credential's environments are renewed one after the other.
 */
async function renew(db: Db, policy: EgressPolicy, of: BodyOf): Promise<CredentialBody> {
  const until = performance.now() + patienceMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const claim = await claimRefresh(db, of.id);
    if (claim) return renewHolding(claim, db, policy, of);
    if (performance.now() > until) throw new RenewalError("another process did not finish renewing it");
    await pause(pauseMs);
    const { body, storedAt } = await read(db, of);
    if (!isDue(grantOf(body, storedAt))) return body;
  }
}

/** No connection is held while the token server is asked: somebody else's slowness may not stop the pool. */
async function renewHolding(
  claim: string,
  db: Db,
  policy: EgressPolicy,
  of: BodyOf,
): Promise<CredentialBody> {
  try {
    const before = await read(db, of);
    const grant = grantOf(before.body, before.storedAt);
    if (!isDue(grant)) return before.body;
    return await store(db, of, grant, await requestTokens(policy, grant));
  } finally {
    // One that cannot be given back runs out.
    await releaseRefresh(db, of.id, claim).catch(() => {});
  }
}

/** Also when the claim has run out meanwhile: the token that was used may be good for nothing now. */
const store = (db: Db, of: BodyOf, used: OAuthGrant, answer: TokenAnswer): Promise<CredentialBody> =>
  write({ db, actor }, "own", async (tx) => {
    // What its owner edited meanwhile is kept.
    const current = await read(tx, of, true);
    if (current.body.refresh_token !== used.refreshToken)
      return { result: current.body, audit: null, changed: null };
    const body = withTokens(current.body, answer, Date.now());
    const { id, env } = of;
    const renewed = { body: sealBody(id, body, env), updatedAt: sql`now()` };
    await (env === null
      ? tx.update(credentials).set(renewed).where(eq(credentials.id, id))
      : tx.update(credentialBodies).set(renewed).where(inEnvironment(id, env)));
    const audit = { event: "credential.refresh", itemId: id, ...(env === null ? {} : { after: { env } }) };
    return { result: body, audit, changed: null };
  });

const inEnvironment = (id: string, env: string) =>
  and(eq(credentialBodies.credentialId, id), eq(credentialBodies.env, env));

async function read(
  db: Db,
  { id, env }: BodyOf,
  isLocked = false,
): Promise<{ body: CredentialBody; storedAt: Date }> {
  const ofMain = () =>
    db
      .select({ body: credentials.body, storedAt: credentials.updatedAt })
      .from(credentials)
      .where(eq(credentials.id, id));
  const ofEnvironment = (name: string) =>
    db
      .select({ body: credentialBodies.body, storedAt: credentialBodies.updatedAt })
      .from(credentialBodies)
      .where(inEnvironment(id, name));
  const query = env === null ? ofMain() : ofEnvironment(env);
  const [row] = await (isLocked ? query.for("update") : query);
  if (!row) throw notFound("The job's credential");
  return { body: openBody(id, row.body, env), storedAt: new Date(row.storedAt) };
}
