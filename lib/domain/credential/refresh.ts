import { setTimeout as pause } from "node:timers/promises";
import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentialBodies, credentials, oauthClients } from "@/db/schema";
import { clientColumns, clientOf } from "@/lib/domain/oauth-client/keys";
import { write } from "@/lib/domain/write";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import { notFound, Refusal } from "@/lib/refusal";
import { type CredentialBody, contextOf, openBody, sealBody } from "./body";
import { claimRefresh, leaseMs, releaseRefresh } from "./lease";
import { grantOf, isExpired, type OAuthGrant, withTokens } from "./oauth";
import { noteRenewalProblem } from "./renewal-problem";
import { requestTokens, type TokenAnswer, type TokenClient, TokenError } from "./token-request";

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
  /** The client that it was connected with, which is so in `main` alone. */
  client: TokenClient | null;
};

/** A credential's tokens, and what renews them. */
type Stored = Pick<StoredCredential, "body" | "storedAt" | "client">;

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
  const { id, env, name, body, client } = credential;
  const of = { id, env };
  const grant = grantIn(credential);
  if (!grant && client && isExpired(body)) throw connectAgain(name, "the service gave no refresh token");
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
    throw connectAgain(name, error instanceof TokenError ? error.message : "the new one could not be stored");
  }
}

const connectAgain = (name: string, why: string) =>
  new Refusal(
    "unavailable",
    `The access token of the credential ${name} has expired and was not renewed: ${why}. Sign in to the service again and update the credential.`,
  );

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
    if (performance.now() > until) throw new TokenError("another process did not finish renewing it");
    await pause(pauseMs);
    const stored = await read(db, of);
    if (!isDue(grantIn(stored))) return stored.body;
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
    const grant = grantIn(before);
    if (!isDue(grant)) return before.body;
    const asked = { grant_type: "refresh_token", refresh_token: grant.refreshToken };
    return await store(db, of, grant, await requestTokens(policy, grant.client, asked));
  } catch (error) {
    if (error instanceof TokenError) await noteRenewalProblem(db, of.id, problemOf(of, error.message));
    throw error;
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
    const isGood = { renewalFailedAt: null, renewalProblem: null };
    if (env === null)
      await tx
        .update(credentials)
        .set({ ...renewed, ...isGood })
        .where(eq(credentials.id, id));
    else {
      await tx.update(credentialBodies).set(renewed).where(inEnvironment(id, env));
      const isItsOwn = sql`starts_with(${credentials.renewalProblem}, ${problemOf(of, "")})`;
      await tx
        .update(credentials)
        .set(isGood)
        .where(and(eq(credentials.id, id), isItsOwn));
    }
    const audit = { event: "credential.refresh", itemId: id, ...(env === null ? {} : { after: { env } }) };
    return { result: body, audit, changed: null };
  });

/** A credential has one problem that its owner is told of: it says of which environment. */
const problemOf = ({ env }: BodyOf, message: string): string =>
  env === null ? message : `in ${env}, ${message}`;

const inEnvironment = (id: string, env: string) =>
  and(eq(credentialBodies.credentialId, id), eq(credentialBodies.env, env));

const grantIn = ({ body, storedAt, client }: Stored): OAuthGrant | null => grantOf(body, storedAt, client);

async function read(db: Db, { id, env }: BodyOf, isLocked = false): Promise<Stored> {
  const [row, client] =
    env === null ? await readMain(db, id, isLocked) : [await readIn(db, id, env, isLocked), null];
  if (!row) throw notFound("The job's credential");
  return { body: openBody(id, row.body, env), storedAt: new Date(row.storedAt), client };
}

async function readMain(db: Db, id: string, isLocked: boolean) {
  const query = db
    .select({ body: credentials.body, storedAt: credentials.updatedAt, client: clientColumns })
    .from(credentials)
    .leftJoin(oauthClients, eq(oauthClients.id, credentials.oauthClientId))
    .where(eq(credentials.id, id));
  const [row] = await (isLocked ? query.for("update", { of: credentials }) : query);
  return [row, clientOf(row?.client ?? null)] as const;
}

async function readIn(db: Db, id: string, env: string, isLocked: boolean) {
  const query = db
    .select({ body: credentialBodies.body, storedAt: credentialBodies.updatedAt })
    .from(credentialBodies)
    .where(inEnvironment(id, env));
  return (await (isLocked ? query.for("update") : query))[0];
}
