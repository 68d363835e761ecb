import { z } from "zod";
import { EgressError, type EgressPolicy } from "@/lib/net/egress-policy";
import { requestOutbound } from "@/lib/net/outbound";
import type { TokenAuthMethod } from "@/lib/words";

/** When a token server has not answered by then, it has not answered. */
export const tokenTimeoutMs = 10_000;

/** Who asks a token server. */
export type TokenClient = {
  tokenUrl: string;
  clientId: string;
  /** Null for a public client. */
  clientSecret: string | null;
  tokenAuth: TokenAuthMethod;
};

/** A refusal or no answer. `message` is the end of a sentence and holds nothing of what was sent or answered. */
export class TokenError extends Error {
  /** `code`: the word of the standard that the server said, such as `invalid_grant`. */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

const text = z.string().min(1);

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

/** Asks a token server (RFC 6749 §4.1.3, §6) as this client. Throws `TokenError`. */
export async function requestTokens(
  policy: EgressPolicy,
  client: TokenClient,
  grant: Record<string, string>,
): Promise<TokenAnswer> {
  const { tokenUrl, clientId, clientSecret, tokenAuth } = client;
  const secret = clientSecret ?? "";
  const isBasic = tokenAuth === "client_secret_basic";
  const form = {
    ...grant,
    ...(isBasic ? {} : { client_id: clientId }),
    ...(tokenAuth === "client_secret_post" ? { client_secret: secret } : {}),
  };
  const response = await requestOutbound(policy, {
    url: tokenUrl,
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      ...(isBasic ? { authorization: basic(clientId, secret) } : {}),
    },
    body: new URLSearchParams(form).toString(),
    timeoutMs: tokenTimeoutMs,
  }).catch((error: unknown) => {
    throw new TokenError(unreachable(error));
  });
  const answer = jsonOf(response.body);
  if (response.status !== 200) {
    const code = codeOf(answer);
    throw new TokenError(`the token server answered ${response.status}${code ? ` (${code})` : ""}`, code);
  }
  const { success, data } = tokenAnswer.safeParse(answer);
  if (!success) throw new TokenError("the token server's answer holds no access token");
  return data;
}

/** RFC 6749 §2.3.1: both are encoded as in a form before they are joined. */
function basic(id: string, secret: string): string {
  const [name, value] = [id, secret].map((part) => new URLSearchParams({ "": part }).toString().slice(1));
  return `Basic ${Buffer.from(`${name}:${value}`).toString("base64")}`;
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
const codeOf = (answer: unknown): string | undefined => {
  const { success, data } = refusal.safeParse(answer);
  return success ? data.error : undefined;
};
