import { z } from "zod";
import { EgressError, type EgressPolicy } from "@/lib/net/egress-policy";
import { requestOutbound } from "@/lib/net/outbound";
import type { CredentialBody } from "./body";

/** OpenFn's rule. Tokens that live for minutes only are renewed at half of their life, not for every step. */
const renewBeforeMs = 5 * 60_000;
const usualLifeSeconds = 3600;
/** When a token server has not answered by then, it has not answered. */
export const tokenTimeoutMs = 10_000;

/** What a credential needs to be renewed by itself. */
export type OAuthGrant = {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  /** Milliseconds since the epoch. */
  validUntil: number;
  /** From when on it should be renewed. */
  dueAt: number;
};

const text = z.string().min(1);
const grantFields = z.object({
  token_url: text.optional(),
  oauth: z.object({ token_url: text.optional() }).optional().catch(undefined),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  expires_at: z.unknown().optional(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** The grant in a credential's body, stored at `storedAt`. Null when the body is not one that can be renewed. */
export function grantOf(body: CredentialBody, storedAt: Date): OAuthGrant | null {
  const { success, data } = grantFields.safeParse(body);
  const tokenUrl = data?.token_url ?? data?.oauth?.token_url;
  if (!success || !tokenUrl) return null;
  const lifeMs = data.expires_in === undefined ? null : data.expires_in * 1000;
  const expiresAt = momentOf(data.expires_at);
  const validUntil = expiresAt ?? (lifeMs === null ? null : storedAt.getTime() + lifeMs);
  if (validUntil === null) return null;
  return {
    tokenUrl,
    clientId: data.client_id,
    clientSecret: data.client_secret,
    refreshToken: data.refresh_token,
    validUntil,
    // A life without its beginning: nobody knows how much of it was left when it was entered.
    dueAt: expiresAt === null ? 0 : validUntil - Math.min(renewBeforeMs, (lifeMs ?? 2 * renewBeforeMs) / 2),
  };
}

/** Seconds or milliseconds since the epoch, or ISO 8601, as milliseconds. */
function momentOf(value: unknown): number | null {
  if (value === null || value === "" || (typeof value !== "string" && typeof value !== "number")) return null;
  const number = Number(value);
  if (Number.isFinite(number)) return number < 1e11 ? number * 1000 : number;
  const parsed = Date.parse(String(value));
  return Number.isNaN(parsed) ? null : parsed;
}

/** A refusal or no answer. `message` is the end of a sentence and holds nothing of what was sent or answered. */
export class RenewalError extends Error {}

const tokenAnswer = z.object({
  access_token: text,
  refresh_token: text.optional(),
  token_type: text.optional(),
  scope: z.string().optional(),
  id_token: text.optional(),
  instance_url: text.optional(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});
export type TokenAnswer = z.infer<typeof tokenAnswer>;

/** Asks the token server for a new access token (RFC 6749 §6). Throws RenewalError. */
export async function requestTokens(policy: EgressPolicy, grant: OAuthGrant): Promise<TokenAnswer> {
  const form = {
    grant_type: "refresh_token",
    refresh_token: grant.refreshToken,
    client_id: grant.clientId,
    client_secret: grant.clientSecret,
  };
  const response = await requestOutbound(policy, {
    url: grant.tokenUrl,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
    timeoutMs: tokenTimeoutMs,
  }).catch((error: unknown) => {
    throw new RenewalError(unreachable(error));
  });
  const answer = jsonOf(response.body);
  if (response.status !== 200)
    throw new RenewalError(`the token server answered ${response.status}${codeOf(answer)}`);
  const { success, data } = tokenAnswer.safeParse(answer);
  if (!success) throw new RenewalError("the token server's answer holds no access token");
  return data;
}

function unreachable(error: unknown): string {
  if (error instanceof EgressError && error.code === "EACCES")
    return "the token server has an address that may not be reached (the operator can allow it in EGRESS_ALLOW)";
  if (error instanceof EgressError && error.code === "EINVAL")
    return "token_url is not a plain http or https address";
  return "the token server cannot be reached";
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Only words of the standard: anything else a server says might repeat what it was sent. */
const refusal = z.object({
  error: z.enum([
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
  ]),
});
const codeOf = (answer: unknown): string => {
  const { success, data } = refusal.safeParse(answer);
  return success ? ` (${data.error})` : "";
};

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
