import type { GenericScheme, SignatureAlgorithm, SignatureEncoding, SignatureScheme } from "@/lib/words";
import { fromBase64 } from "./sealed";

type Headers = Record<string, string>;
type Signed = { headers: Headers; body: Uint8Array };
/** What has to be true: one of `signatures` is the HMAC of `content`. */
type Claim = {
  algorithm: SignatureAlgorithm;
  key: Uint8Array<ArrayBuffer>;
  content: Uint8Array<ArrayBuffer>;
  signatures: Uint8Array<ArrayBuffer>[];
};

/** How far a sender's clock, and the way, may be off where the signature names the time. */
export const toleranceSeconds = 300;
/** A sender that rotates its secret signs with the old one and the new one. */
const maxSignatures = 5;

const encoder = new TextEncoder();
const github: GenericScheme = {
  preset: "generic",
  header: "x-hub-signature-256",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "sha256=",
};

/** The header, in lower case, that carries the signature. */
export function signatureHeader(scheme: SignatureScheme): string {
  if (scheme.preset === "generic") return scheme.header;
  return { github: github.header, standard_webhooks: "webhook-signature", stripe: "stripe-signature" }[
    scheme.preset
  ];
}

/**
 * Whether a request was signed with `secret`: over the bytes of the body as they were sent, and not longer than
 * `toleranceSeconds` ago where the scheme says when. Web Crypto compares, in constant time. `nowMs` is Unix time.
 */
export async function isSignedWith(
  scheme: SignatureScheme,
  secret: string,
  request: Signed,
  nowMs: number = Date.now(),
): Promise<boolean> {
  const claim = claimOf(scheme, secret, request, nowMs / 1000);
  if (!claim || claim.key.length === 0) return false;
  const hash = { sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" }[claim.algorithm];
  const key = await crypto.subtle.importKey("raw", claim.key, { name: "HMAC", hash }, false, ["verify"]);
  for (const signature of claim.signatures.slice(0, maxSignatures))
    if (await crypto.subtle.verify("HMAC", key, signature, claim.content)) return true;
  return false;
}

function claimOf(scheme: SignatureScheme, secret: string, signed: Signed, now: number): Claim | undefined {
  switch (scheme.preset) {
    case "generic":
      return genericClaim(scheme, secret, signed);
    case "github":
      return genericClaim(github, secret, signed);
    case "standard_webhooks":
      return standardClaim(secret, signed, now);
    case "stripe":
      return stripeClaim(secret, signed, now);
  }
}

function genericClaim(scheme: GenericScheme, secret: string, { headers, body }: Signed): Claim | undefined {
  const value = headers[scheme.header]?.trim();
  if (!value?.startsWith(scheme.prefix)) return undefined;
  const signature = decoded(value.slice(scheme.prefix.length), scheme.encoding);
  if (!signature) return undefined;
  return {
    algorithm: scheme.algorithm,
    key: encoder.encode(secret),
    content: new Uint8Array(body),
    signatures: [signature],
  };
}

/** https://www.standardwebhooks.com: `v1,<base64>`, several with spaces between, over id, time and body. */
function standardClaim(secret: string, { headers, body }: Signed, now: number): Claim | undefined {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": value } = headers;
  const key = standardKey(secret);
  if (!key || !id || !time || !value || !isRecent(time, now)) return undefined;
  const signatures = value.split(" ").flatMap((one) => {
    const [version, signature] = one.split(",", 2);
    return (version === "v1" && signature && decoded(signature, "base64")) || [];
  });
  return { algorithm: "sha256", key, content: join(`${id}.${time}.`, body), signatures };
}

/** The bytes of a Standard Webhooks secret: base64, after `whsec_`. Undefined when it is none. */
export function standardKey(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const key = fromBase64(secret.replace(/^whsec_/, ""));
  return key?.length ? key : undefined;
}

/** https://docs.stripe.com/webhooks: `t=<seconds>,v1=<hex>`, `v1` once for each live secret, over time and body. */
function stripeClaim(secret: string, { headers, body }: Signed, now: number): Claim | undefined {
  const parts = (headers["stripe-signature"] ?? "").split(",").map((part) => part.trim());
  const time = parts.find((part) => part.startsWith("t="))?.slice(2);
  if (!time || !isRecent(time, now)) return undefined;
  const signatures = parts.flatMap((part) => (part.startsWith("v1=") && decoded(part.slice(3), "hex")) || []);
  return { algorithm: "sha256", key: encoder.encode(secret), content: join(`${time}.`, body), signatures };
}

const isRecent = (time: string, now: number): boolean =>
  /^\d{1,12}$/.test(time) && Math.abs(now - Number(time)) <= toleranceSeconds;

function decoded(text: string, encoding: SignatureEncoding): Uint8Array<ArrayBuffer> | undefined {
  if (encoding === "base64") return fromBase64(text);
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
