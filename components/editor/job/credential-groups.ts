import type { ProjectCredentialSummary } from "@/lib/domain/credential/list";
import type { KeychainSummary } from "@/lib/domain/keychain/list";

export type Credential = Pick<
  ProjectCredentialSummary,
  "id" | "name" | "schema" | "allowedHosts" | "owner" | "isMine" | "isInEnvironment"
>;
export type Keychain = Pick<KeychainSummary, "id" | "name" | "path">;

export type CredentialGroup = { title: string; items: { id: string; words: string }[] };

/** What a job may sign in with, in groups: those made for its adaptor first. Groups without any are left out. */
export function groupsOf(
  credentials: readonly Credential[],
  keychains: readonly Keychain[],
  adaptor: string,
): CredentialGroup[] {
  const isFitting = ({ schema }: Credential) =>
    schema === adaptor || `@openfn/language-${schema}` === adaptor;
  const fitting = credentials.filter(isFitting);
  const others = credentials.filter((one) => !isFitting(one));
  const groups = [
    { title: `Made for ${adaptor}`, items: fitting.map(ofCredential) },
    { title: fitting.length > 0 ? "Other credentials" : "Credentials", items: others.map(ofCredential) },
    { title: "Keychains", items: keychains.map(({ id, name }) => ({ id, words: name })) },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

function ofCredential({ id, name, owner, isMine, isInEnvironment }: Credential): {
  id: string;
  words: string;
} {
  const of = isMine ? "yours" : `of ${owner}`;
  return { id, words: `${name} (${of}${isInEnvironment ? "" : ", nothing in this environment"})` };
}
