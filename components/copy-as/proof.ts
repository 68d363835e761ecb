import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";
import { isSecretHeader, signatureHeader } from "@/lib/signature-headers";

type Proof = readonly (readonly [name: string, placeholder: string])[];

/**
 * What a sender has to prove at a URL, with a placeholder for the secret; of several methods any one will do. `triggerId`:
 * whose URL it is; null is the project's inbox.
 */
export function proofAt(methods: readonly AuthMethodSummary[], triggerId: string | null): Proof {
  const method = methods.find(({ onInbox, triggerIds }) =>
    triggerId === null ? onInbox : triggerIds.includes(triggerId),
  );
  return method ? [proofBy(method)] : [];
}

function proofBy({ type, username, signature }: AuthMethodSummary): Proof[number] {
  if (type === "basic") return ["authorization", `Basic <base64 of ${username ?? "user"}:password>`];
  if (type === "api" || !signature) return ["x-api-key", "<the API key>"];
  const header = signatureHeader(signature);
  if (isSecretHeader(signature)) return [header, `${signature.prefix}<the secret>`];
  const prefix = signature.preset === "generic" ? signature.prefix : "";
  return [header, `${prefix}<the signature of this body>`];
}
