import { createHash, hkdfSync } from "node:crypto";
import { env } from "@/lib/env";
import { minKeyChars } from "@/lib/settings/checks.mjs";

/** A derived key with its fingerprint, which is no secret. */
export type Key = { id: string; bytes: Buffer };

export const named = (bytes: Buffer): Key => ({
  id: createHash("sha256").update(bytes).digest("hex").slice(0, 8),
  bytes,
});

/** `bytes` bytes of HKDF-SHA256 over `material`. Throws when the material is too short to be a key. */
export function deriveFrom(material: string, purpose: string, bytes = 32): Buffer {
  if (material.length < minKeyChars)
    throw new Error(
      `A secret key of the environment is shorter than ${minKeyChars} characters. Use 32 random bytes in base64.`,
    );
  return Buffer.from(hkdfSync("sha256", material, "waybill", purpose, bytes));
}

/** Deriving costs more than what most keys are then used for, and there are few purposes. */
let derived: { from: string; keys: Map<string, Buffer> } | undefined;

/** A key for one purpose, from SECRET_KEY. Different purposes give unrelated keys. Throws when SECRET_KEY is unset. */
export function deriveKey(purpose: string, bytes = 32): Buffer {
  const secret = env().SECRET_KEY;
  if (!secret)
    throw new Error(
      "SECRET_KEY is not set: start Waybill with `npm start`, which makes one, or set 32 random bytes in base64.",
    );
  if (derived?.from !== secret) derived = { from: secret, keys: new Map() };
  const known = derived.keys.get(`${bytes} ${purpose}`) ?? deriveFrom(secret, purpose, bytes);
  derived.keys.set(`${bytes} ${purpose}`, known);
  return known;
}
