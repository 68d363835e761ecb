/** Web Crypto only: the edge inbox opens what was sealed here. */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const version = "v1";

/**
 * The key of secrets that senders sign with, from SECRET_KEY: the door verifies signatures and knows no other key, so
 * CREDENTIAL_KEY does not reach it. The same HKDF as lib/crypto/keys.ts, without Node.
 */
export async function sealingKey(secretKey: string): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey("raw", encoder.encode(secretKey), "HKDF", false, ["deriveKey"]);
  const info = encoder.encode("inbox-signatures");
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: encoder.encode("waybill"), info },
    root,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/** Encrypts to `v1:<iv>:<data>` (AES-256-GCM). Opens again only with the same `context`. */
export async function sealSecret(key: CryptoKey, secret: string, context: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt(parameters(iv, context), key, encoder.encode(secret));
  return [version, toBase64(iv), toBase64(new Uint8Array(data))].join(":");
}

/** The secret in an envelope; undefined when it was changed, was sealed for another context, or by another key. */
export async function openSecret(
  key: CryptoKey,
  envelope: string,
  context: string,
): Promise<string | undefined> {
  const [v, iv, data] = envelope.split(":").map((part, i) => (i === 0 ? part : fromBase64(part)));
  if (v !== version || !(iv instanceof Uint8Array) || !(data instanceof Uint8Array)) return undefined;
  try {
    return decoder.decode(await crypto.subtle.decrypt(parameters(iv, context), key, data));
  } catch {
    return undefined;
  }
}

const parameters = (iv: Uint8Array<ArrayBuffer>, context: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: encoder.encode(context),
});

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** The bytes of base64, with or without padding, in either alphabet; undefined when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined;
  try {
    const latin = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(latin, (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
