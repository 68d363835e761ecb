import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { env } from "@/lib/env";
import { deriveFrom, deriveKey, type Key, named } from "./keys";

const version = "v1";
const purpose = "credentials";

/**
 * Keys that open envelopes; the first one seals. CREDENTIAL_KEY may hold several, newest first, separated by commas,
 * so that a key is rotated by putting a new one in front. The key from SECRET_KEY stays last.
 */
export function keyring(): Key[] {
  const { CREDENTIAL_KEY, SECRET_KEY } = env();
  const own = (CREDENTIAL_KEY ?? "")
    .split(",")
    .map((k) => k.trim())
    .filter(Boolean)
    .map((k) => named(deriveFrom(k, purpose)));
  return own.length > 0 && !SECRET_KEY ? own : [...own, named(deriveKey(purpose))];
}

/** The id of the key that sealed an envelope; undefined for a text that is none. */
export const keyIdOf = (envelope: string): string | undefined => envelope.split(":")[1];

/** Encrypts to `v1:<key id>:<iv>:<tag>:<data>` (AES-256-GCM). Opens again only with the same `context`. */
export function seal(plaintext: string, context: string): string {
  const [key] = keyring();
  if (!key) throw new Error("There is no key to encrypt with.");
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key.bytes, iv).setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  const parts = [iv, cipher.getAuthTag(), data].map((b) => b.toString("base64url"));
  return [version, key.id, ...parts].join(":");
}

/** What every envelope starts with that the newest key sealed; the id in it is no secret. */
export function newestPrefix(): string {
  const [key] = keyring();
  if (!key) throw new Error("There is no key to encrypt with.");
  return `${version}:${key.id}:`;
}

/** The plaintext of an envelope. Throws when it was changed, was sealed for another context, or its key is gone. */
export function open(envelope: string, context: string): string {
  const [v, keyId, iv, tag, data] = envelope.split(":");
  if (v !== version || !keyId || !iv || !tag || data === undefined)
    throw new Error("This is not an envelope that this version can open.");
  const key = keyring().find((k) => k.id === keyId);
  if (!key)
    throw new Error(
      `The key ${keyId} that sealed this secret is not configured. Add it to CREDENTIAL_KEY, after the current one.`,
    );
  const decipher = createDecipheriv("aes-256-gcm", key.bytes, Buffer.from(iv, "base64url"))
    .setAAD(Buffer.from(context))
    .setAuthTag(Buffer.from(tag, "base64url"));
  return decipher.update(Buffer.from(data, "base64url"), undefined, "utf8") + decipher.final("utf8");
}
