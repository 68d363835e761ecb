import { decodeUtf8 } from "@/lib/bytes";
import type { AuthMethodType } from "@/lib/words";

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

/** Keyed hash that stands for a secret in `auth_methods.digest`. `value` is an API key, `username:password`, or what senders sign with. */
export async function authDigest(key: CryptoKey, kind: AuthMethodType, value: string): Promise<string> {
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${kind}\0${value}`)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Digests of what a request brought in `x-api-key` (null for nothing) and in `Authorization: Basic`: one for each way in
 * which the sender may have meant its bytes. A bearer token lets nobody in; it is not stored where it is a key of the URL.
 */
export async function requestDigests(
  key: CryptoKey,
  headers: Record<string, string>,
): Promise<{ api: string | null; basic: string[]; bearer: string | null }> {
  const apiKey = headers["x-api-key"];
  const token = /^bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? "")?.[1];
  const pairs = headers.authorization === undefined ? [] : basicPairs(headers.authorization);
  return {
    api: apiKey ? await authDigest(key, "api", apiKey) : null,
    basic: await Promise.all(pairs.map((pair) => authDigest(key, "basic", pair))),
    bearer: token ? await authDigest(key, "api", token) : null,
  };
}

/**
 * `username:password` of a Basic header: as UTF-8, and where that makes a difference as ISO-8859-1, which senders use
 * that never agreed on a charset (RFC 7617, 2.1; Python's requests). None when it is no such header.
 */
function basicPairs(header: string): string[] {
  const encoded = /^basic +([A-Za-z0-9+/_=-]+)$/i.exec(header.trim())?.[1];
  if (!encoded) return [];
  try {
    const latin = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const utf8 = decodeUtf8(Uint8Array.from(latin, (char) => char.charCodeAt(0)));
    return utf8 === undefined || utf8 === latin ? [latin] : [utf8, latin];
  } catch {
    return [];
  }
}
