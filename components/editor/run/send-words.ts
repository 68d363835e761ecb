import type { ProjectCredentialSummary } from "@/lib/domain/credential/list";
import type { DraftGraph } from "@/lib/editor/graph";
import { listed } from "./test-words";

/** What jobs of a test send with: credentials by name, and whether keychains choose some. */
export type SentWith = { credentials: string[]; keychains: string[] };

/** What the jobs that a test may reach use. */
export function sentWith({ jobs }: Pick<DraftGraph, "jobs">, reached: ReadonlySet<string>): SentWith {
  const used = jobs.filter(({ id }) => reached.has(id));
  const unique = (ids: (string | null)[]) => [...new Set(ids.flatMap((id) => id ?? []))].toSorted();
  return {
    credentials: unique(used.map(({ projectCredentialId }) => projectCredentialId)),
    keychains: unique(used.map(({ keychainCredentialId }) => keychainCredentialId)),
  };
}

/** What a person agreed to once is not asked again; another credential, another job: it is. */
export const agreementOf = (reached: ReadonlySet<string>, { credentials, keychains }: SentWith): string =>
  JSON.stringify([[...reached].toSorted(), credentials, keychains]);

type Known = Pick<ProjectCredentialSummary, "id" | "name" | "allowedHosts">;

/** One sentence for each credential that requests are sent with: where they may go with it. */
export function credentialWords(ids: readonly string[], known: readonly Known[]): string[] {
  return ids.map((id) => {
    const one = known.find((credential) => credential.id === id);
    if (!one) return "A credential of this project.";
    return one.allowedHosts
      ? `${one.name}, to ${listed(one.allowedHosts) || "no host"} alone.`
      : `${one.name}, wherever the code sends it.`;
  });
}
