import { signatureHeader } from "@/lib/signature-headers";
import type { SignatureScheme } from "@/lib/words";
import { headerOf } from "./header";
import type { InboxKeys } from "./keys";
import { openSecret } from "./sealed";
import { isOfAddress, type Signed, type Unsigned, unsigned } from "./signature";

/** One of a method's live secrets: its version changes with it. */
type LiveSecret = { version: string; sealed: string };

/** A method whose secret is needed in the clear, as the inbox statement tells it. */
export type SignatureMethod = LiveSecret & {
  id: string;
  name: string;
  /** The secret before this one, while it still counts. */
  old: LiveSecret | null;
  scheme: SignatureScheme;
};

/** What a method's secret is sealed for. */
export const signatureContext = (projectId: string, methodName: string): string =>
  `signature:${projectId}:${methodName}`;

/** How the statement is told that a method's signature is right: the method with the secret that it was verified by. */
export const verifiedMethod = (id: string, { version }: Pick<LiveSecret, "version">): string =>
  `${id}:${version}`;

/** Why none of a URL's methods lets a request in; `method` is the one that came nearest. */
export type SignatureProblem = { method: string; header: string; why: Unsigned };

/**
 * Which of the methods signed a request, as `verifiedMethod` says; else what is wrong with it, which is null where it
 * has no signature of any of them at all. `isGet`: its query is the message, which a signature of the body says nothing of,
 * and who has once read one in a receipt could send any.
 */
export async function verifySignatures(
  { sealingKey }: Pick<InboxKeys, "sealingKey">,
  { projectId, methods, isGet = false }: { projectId: string; methods: SignatureMethod[]; isGet?: boolean },
  request: Signed,
): Promise<{ verified: string[]; problem: SignatureProblem | null }> {
  let problem: SignatureProblem | null = null;
  for (const { id, name, old, scheme, ...live } of methods) {
    const header = signatureHeader(scheme);
    if (headerOf(request.headers, header) === undefined) continue;
    for (const secret of old ? [live, old] : [live]) {
      const opened = await openSecret(sealingKey, secret.sealed, signatureContext(projectId, name));
      const why =
        opened === undefined || (isGet && !isOfAddress(scheme))
          ? "mismatch"
          : await unsigned(scheme, opened, request);
      if (why === null) return { verified: [verifiedMethod(id, secret)], problem: null };
      problem ??= { method: name, header, why };
    }
  }
  return { verified: [], problem };
}
