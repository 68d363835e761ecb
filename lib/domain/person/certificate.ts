import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey } from "@/lib/crypto/keys";
import { type CertificateContent, certificateContent } from "./schemas";

/** What a certificate's content is signed with: of this installation, and as PostgreSQL gives it back. */
export function sign(content: CertificateContent): string {
  return createHmac("sha256", deriveKey("wipe certificates"))
    .update(JSON.stringify(sorted(content)))
    .digest("base64url");
}

/** A stored content, and whether it is as it was signed. Under another SECRET_KEY it is not known to be. */
export function readContent(
  stored: unknown,
  signature: string,
): { content: CertificateContent; isIntact: boolean } {
  const content = certificateContent.parse(stored);
  const [is, was] = [Buffer.from(sign(content)), Buffer.from(signature)];
  return { content, isIntact: is.length === was.length && timingSafeEqual(is, was) };
}

/** Keys in one order: jsonb keeps none. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
