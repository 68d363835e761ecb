import { createHash, randomBytes } from "node:crypto";

/** SHA-256 in hex: what is stored of a token. Tokens are random, so no salt and no slow hash is needed. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/** A random token of 256 bits behind `prefix`, and the hash to store. The token itself is shown once. */
export function newToken(prefix: string): { token: string; hash: string } {
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { token, hash: hashToken(token) };
}
