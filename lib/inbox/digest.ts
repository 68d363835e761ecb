/** Web Crypto only: the edge inbox uses it. */
const encoder = new TextEncoder();

/** The key behind every stored digest, from SECRET_KEY; the same HKDF as lib/crypto/keys.ts, without Node. */
export async function digestKey(secretKey: string): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey("raw", encoder.encode(secretKey), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: encoder.encode("waybill"), info: encoder.encode("inbox-digest") },
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}

/** Keyed hash that stands for a secret in `auth_methods.digest`. `value` is an API key, or `username:password`. */
export async function authDigest(key: CryptoKey, kind: "basic" | "api", value: string): Promise<string> {
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${kind}\0${value}`)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Digests of what a request brought in `x-api-key` and `Authorization: Basic`; null for what it did not bring. */
export async function requestDigests(
  key: CryptoKey,
  headers: Record<string, string>,
): Promise<{ api: string | null; basic: string | null }> {
  const apiKey = headers["x-api-key"];
  const basic = headers.authorization === undefined ? undefined : basicPair(headers.authorization);
  return {
    api: apiKey ? await authDigest(key, "api", apiKey) : null,
    basic: basic ? await authDigest(key, "basic", basic) : null,
  };
}

/** `username:password` of a Basic header, read as UTF-8; undefined when it is no such header. */
function basicPair(header: string): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_=-]+)$/i.exec(header.trim())?.[1];
  if (!encoded) return undefined;
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
