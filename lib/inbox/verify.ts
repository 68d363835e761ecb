import type { SignatureScheme } from "@/lib/words";
import type { InboxKeys } from "./keys";
import { openSecret } from "./sealed";
import { isSignedWith, signatureHeader } from "./signature";

/** A method of type `hmac` as the inbox statement tells it. */
export type SignatureMethod = {
  id: string;
  name: string;
  /** Changes with the secret. */
  version: string;
  sealed: string;
  scheme: SignatureScheme;
};

/** What a method's secret is sealed for. */
export const signatureContext = (projectId: string, methodName: string): string =>
  `signature:${projectId}:${methodName}`;

/** How the statement is told that a method's signature is right: the method with the secret that it was verified by. */
export const verifiedMethod = ({ id, version }: Pick<SignatureMethod, "id" | "version">): string =>
  `${id}:${version}`;

/**
 * Which of the methods signed a request, as `verifiedMethod` says, and whether it has a signature of one of them at all.
 * `body` is what was sent, before any content coding is undone.
 */
export async function verifySignatures(
  { sealingKey }: Pick<InboxKeys, "sealingKey">,
  { projectId, methods }: { projectId: string; methods: SignatureMethod[] },
  request: { headers: Record<string, string>; body: Uint8Array },
): Promise<{ verified: string[]; isPresent: boolean }> {
  const present = methods.filter(({ scheme }) => request.headers[signatureHeader(scheme)] !== undefined);
  for (const method of present) {
    const secret = await openSecret(sealingKey, method.sealed, signatureContext(projectId, method.name));
    if (secret !== undefined && (await isSignedWith(method.scheme, secret, request)))
      return { verified: [verifiedMethod(method)], isPresent: true };
  }
  return { verified: [], isPresent: present.length > 0 };
}
