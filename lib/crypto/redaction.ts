import { fold } from "@/lib/search/fold";

/** Web Crypto only: the edge inbox redacts, too. */
const encoder = new TextEncoder();

const prefix = "redacted:";
/** 128 of the digest's bits, in base64url. */
const digestBytes = 16;
const redacted = /^redacted:[A-Za-z0-9_-]{22}$/;

/** Whether a text is what stands in the place of a redacted value. */
export const isRedacted = (text: string): boolean => redacted.test(text);

/**
 * The key of one project's redactions, from SECRET_KEY: the same value has another digest in another project. The same HKDF
 * as lib/crypto/keys.ts, without Node.
 */
export async function redactionKey(secretKey: string, projectId: string): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey("raw", encoder.encode(secretKey), "HKDF", false, ["deriveKey"]);
  const info = encoder.encode(`redactions ${projectId.toLowerCase()}`);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: encoder.encode("waybill"), info },
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}

/**
 * What stands in the place of a value: `redacted:` and a keyed digest of the text. Texts that differ in white space around or
 * between words, in small letters and capitals, or in how Unicode composes a letter, have the same one. What is redacted
 * already stays as it is.
 */
export async function redact(key: CryptoKey, text: string): Promise<string> {
  if (isRedacted(text)) return text;
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(normalized(text)));
  const digest = btoa(String.fromCharCode(...new Uint8Array(mac, 0, digestBytes)));
  return prefix + digest.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const normalized = (text: string): string => fold(text).replace(/\s+/g, " ").trim();
