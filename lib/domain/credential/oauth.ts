import { z } from "zod";
import type { CredentialBody } from "./body";
import type { TokenAnswer, TokenClient } from "./token-request";

/** OpenFn's rule. Tokens that live for minutes only are renewed at half of their life, not for every step. */
const renewBeforeMs = 5 * 60_000;
const usualLifeSeconds = 3600;

/** What a credential needs to be renewed by itself. */
export type OAuthGrant = {
  client: TokenClient;
  refreshToken: string;
  /** Milliseconds since the epoch. */
  validUntil: number;
  /** From when on it should be renewed. */
  dueAt: number;
};

const text = z.string().min(1);
const lifeFields = z.object({
  refresh_token: text,
  expires_at: z.unknown().optional(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});
const clientFields = z.object({
  token_url: text.optional(),
  oauth: z.object({ token_url: text.optional() }).optional().catch(undefined),
  client_id: text,
  client_secret: text,
});

/** The client whose keys stand in the body itself. */
function clientIn(body: CredentialBody): TokenClient | null {
  const { success, data } = clientFields.safeParse(body);
  const tokenUrl = data?.token_url ?? data?.oauth?.token_url;
  if (!success || !tokenUrl) return null;
  return {
    tokenUrl,
    clientId: data.client_id,
    clientSecret: data.client_secret,
    tokenAuth: "client_secret_post",
  };
}

/**
 * The grant in a credential's body, stored at `storedAt`: of the client that it was connected with, or of the one in the body.
 * Null when the body is not one that can be renewed.
 */
export function grantOf(
  body: CredentialBody,
  storedAt: Date,
  connectedWith: TokenClient | null = null,
): OAuthGrant | null {
  const client = connectedWith ?? clientIn(body);
  const { success, data } = lifeFields.safeParse(body);
  if (!success || !client) return null;
  const lifeMs = data.expires_in === undefined ? null : data.expires_in * 1000;
  const expiresAt = momentOf(data.expires_at);
  const validUntil = expiresAt ?? (lifeMs === null ? null : storedAt.getTime() + lifeMs);
  if (validUntil === null) return null;
  return {
    client,
    refreshToken: data.refresh_token,
    validUntil,
    // A life without its beginning: nobody knows how much of it was left when it was entered.
    dueAt: expiresAt === null ? 0 : validUntil - Math.min(renewBeforeMs, (lifeMs ?? 2 * renewBeforeMs) / 2),
  };
}

/** Whether the body says that its access token is over. */
export function isExpired(body: CredentialBody): boolean {
  const at = momentOf(body.expires_at);
  return at !== null && at <= Date.now();
}

/** Seconds or milliseconds since the epoch, or ISO 8601, as milliseconds. */
function momentOf(value: unknown): number | null {
  if (value === null || value === "" || (typeof value !== "string" && typeof value !== "number")) return null;
  const number = Number(value);
  if (Number.isFinite(number)) return number < 1e11 ? number * 1000 : number;
  const parsed = Date.parse(String(value));
  return Number.isNaN(parsed) ? null : parsed;
}

/** The body with new tokens in it; `expires_at` keeps the form it had. */
export function withTokens(body: CredentialBody, answer: TokenAnswer, now: number): CredentialBody {
  const { expires_in: given, ...tokens } = answer;
  const known = z.coerce.number().positive().safeParse(body.expires_in);
  const life = given ?? (known.success ? known.data : usualLifeSeconds);
  return {
    ...body,
    ...tokens,
    expires_in: life,
    expires_at: inFormOf(body.expires_at, now + life * 1000),
  };
}

function inFormOf(before: unknown, moment: number): number | string {
  if (typeof before === "string" && before !== "" && Number.isNaN(Number(before)))
    return new Date(moment).toISOString();
  return Number(before) >= 1e11 ? moment : Math.floor(moment / 1000);
}
