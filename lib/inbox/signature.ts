import { commcare, github, isSecretHeader, signatureHeader } from "@/lib/signature-headers";
import type {
  GenericScheme,
  SecretHeaderScheme,
  SignatureAlgorithm,
  SignatureEncoding,
  SignatureScheme,
} from "@/lib/words";
import { headerOf } from "./header";
import { fromBase64 } from "./sealed";
import { type SentTo, twilioContents } from "./twilio";

/** A request as its sender signed it: `body` is what was sent, before any content coding is undone. */
export type Signed = { headers: Record<string, string>; body: Uint8Array; sentTo?: SentTo | undefined };

/** What has to be true: one of `signatures` is the HMAC of one of `contents`. */
type Claim = {
  algorithm: SignatureAlgorithm;
  key: Uint8Array<ArrayBuffer>;
  contents: Uint8Array<ArrayBuffer>[];
  signatures: Uint8Array<ArrayBuffer>[];
};

/** Why a request is not signed with a secret: nothing that says so, too long ago, or wrong. */
export type Unsigned = "absent" | "malformed" | "stale" | "mismatch";

/** How far a sender's clock, and the way, may be off where the signature names the time. */
export const toleranceSeconds = 300;
/** A sender that rotates its secret signs with the old one and the new one. */
const maxSignatures = 5;

const encoder = new TextEncoder();
/** Whether what it lets in is told by more than the body: a GET, which has none, is known by these alone. */
export const isOfAddress = (scheme: SignatureScheme): boolean =>
  isSecretHeader(scheme) || scheme.preset === "twilio";

/**
 * Whether a request was signed with `secret`: over the bytes of the body as they were sent, and not longer ago than is
 * tolerated where the scheme says when. Null when it was; else why not. Web Crypto compares, in constant time. `nowMs` is
 * Unix time.
 */
export async function unsigned(
  scheme: SignatureScheme,
  secret: string,
  request: Signed,
  nowMs: number = Date.now(),
): Promise<Unsigned | null> {
  if (headerOf(request.headers, signatureHeader(scheme)) === undefined) return "absent";
  if (isSecretHeader(scheme)) return secretMissing(scheme, secret, request);
  const claim = await claimOf(scheme, secret, request, nowMs / 1000);
  if (typeof claim === "string") return claim;
  if (claim.key.length === 0 || claim.signatures.length === 0) return "malformed";
  const hash = { sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" }[claim.algorithm];
  const key = await crypto.subtle.importKey("raw", claim.key, { name: "HMAC", hash }, false, ["verify"]);
  for (const signature of claim.signatures.slice(0, maxSignatures))
    for (const content of claim.contents)
      if (await crypto.subtle.verify("HMAC", key, signature, content)) return null;
  return "mismatch";
}

/** The same as yes or no. */
export const isSignedWith = async (...request: Parameters<typeof unsigned>): Promise<boolean> =>
  (await unsigned(...request)) === null;

type Signing = Exclude<SignatureScheme, SecretHeaderScheme>;

function claimOf(
  scheme: Signing,
  secret: string,
  signed: Signed,
  now: number,
): Claim | Unsigned | Promise<Claim | Unsigned> {
  switch (scheme.preset) {
    case "generic":
      return genericClaim(scheme, secret, signed);
    case "github":
      return genericClaim(github, secret, signed);
    case "commcare":
      return genericClaim(commcare, secret, signed);
    case "standard_webhooks":
      return standardClaim(secret, signed, isRecent(now, scheme.toleranceSeconds));
    case "stripe":
      return stripeClaim(secret, signed, isRecent(now, scheme.toleranceSeconds));
    case "twilio":
      return twilioClaim(secret, signed);
  }
}

function genericClaim(scheme: GenericScheme, secret: string, { headers, body }: Signed): Claim | Unsigned {
  const value = headerOf(headers, scheme.header)?.trim();
  if (!value?.startsWith(scheme.prefix)) return "malformed";
  const signature = decoded(value.slice(scheme.prefix.length), scheme.encoding);
  if (!signature) return "malformed";
  return {
    algorithm: scheme.algorithm,
    key: encoder.encode(secret),
    contents: [new Uint8Array(body)],
    signatures: [signature],
  };
}

type Recent = (time: string) => boolean;

/** https://www.standardwebhooks.com: `v1,<base64>`, several with spaces between, over id, time and body. */
function standardClaim(secret: string, { headers, body }: Signed, recent: Recent): Claim | Unsigned {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": value } = headers;
  const key = standardKey(secret);
  if (!key || !id || !time || !value) return "malformed";
  if (!recent(time)) return "stale";
  const signatures = value.split(" ").flatMap((one) => {
    const [version, signature] = one.split(",", 2);
    return (version === "v1" && signature && decoded(signature, "base64")) || [];
  });
  return { algorithm: "sha256", key, contents: [join(`${id}.${time}.`, body)], signatures };
}

/** The bytes of a Standard Webhooks secret: base64, after `whsec_`. Undefined when it is none. */
export function standardKey(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const key = fromBase64(secret.replace(/^whsec_/, ""));
  return key?.length ? key : undefined;
}

/** https://docs.stripe.com/webhooks: `t=<seconds>,v1=<hex>`, `v1` once for each live secret, over time and body. */
function stripeClaim(secret: string, { headers, body }: Signed, recent: Recent): Claim | Unsigned {
  const parts = (headers["stripe-signature"] ?? "").split(",").map((part) => part.trim());
  const time = parts.find((part) => part.startsWith("t="))?.slice(2);
  if (!time) return "malformed";
  if (!recent(time)) return "stale";
  const signatures = parts.flatMap((part) => (part.startsWith("v1=") && decoded(part.slice(3), "hex")) || []);
  return { algorithm: "sha256", key: encoder.encode(secret), contents: [join(`${time}.`, body)], signatures };
}

async function twilioClaim(secret: string, signed: Signed): Promise<Claim | Unsigned> {
  const signature = decoded(signed.headers["x-twilio-signature"]?.trim() ?? "", "base64");
  if (!signature) return "malformed";
  const contents = await twilioContents(signed);
  if (!contents) return "mismatch";
  const key = encoder.encode(secret);
  return {
    algorithm: "sha1",
    key,
    contents: contents.map((content) => encoder.encode(content)),
    signatures: [signature],
  };
}

const isRecent =
  (now: number, tolerance = toleranceSeconds): Recent =>
  (time) =>
    /^\d{1,12}$/.test(time) && Math.abs(now - Number(time)) <= tolerance;

/** Whether the secret itself is in its header; compared by what a key of the moment signs, in constant time. */
async function secretMissing(
  { header, prefix }: SecretHeaderScheme,
  secret: string,
  { headers }: Signed,
): Promise<Unsigned | null> {
  const value = headerOf(headers, header) ?? "";
  if (!value.toLowerCase().startsWith(prefix.toLowerCase())) return "malformed";
  const hash = { name: "HMAC", hash: "SHA-256" };
  const random = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey("raw", random, hash, false, ["sign", "verify"]);
  const wanted = await crypto.subtle.sign("HMAC", key, encoder.encode(secret));
  const given = encoder.encode(value.slice(prefix.length).trim());
  return (await crypto.subtle.verify("HMAC", key, wanted, given)) ? null : "mismatch";
}

function decoded(text: string, encoding: SignatureEncoding): Uint8Array<ArrayBuffer> | undefined {
  if (encoding === "base64") return text ? fromBase64(text) : undefined;
  if (!/^([0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function join(before: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(before);
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}
