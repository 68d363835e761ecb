import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";
import { presetWords, signs } from "./signature-fields";

/** Its kind in a word or two: a secret in a header signs nothing. */
export function kindOf({ type, signature }: AuthMethodSummary): string {
  if (type === "hmac") return signature && !signs(signature.preset) ? "secret in a header" : "signature";
  return type === "api" ? "API key" : "user name and password";
}

/** What a sender brings along. */
export function provenBy({ type, username, signature }: AuthMethodSummary): string {
  if (type === "api") return "header x-api-key";
  if (!signature) return `user name ${username}`;
  const { label, header } = presetWords[signature.preset];
  if (signature.preset === "header" || signature.preset === "kobo")
    return `the secret in the header ${signature.header}`;
  if (signature.preset !== "generic") return `${label}, header ${header}`;
  return `HMAC ${signature.algorithm} in ${signature.encoding}, header ${signature.header}`;
}
