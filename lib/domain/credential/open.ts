import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentials, projectCredentials } from "@/db/schema";
import { env } from "@/lib/env";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { notFound } from "@/lib/refusal";
import { type CredentialBody, openBody } from "./body";
import { refreshCredential, type StoredCredential } from "./refresh";

let operators: EgressPolicy | undefined;

/** The operator's rules for addresses that users gave, as jobs have them. */
export function operatorPolicy(): EgressPolicy {
  const { EGRESS_ALLOW: allow, EGRESS_DENY: deny } = env();
  operators ??= new EgressPolicy({ allow, deny });
  return operators;
}

/**
 * The decrypted credential that a job of this project uses, OAuth2 tokens renewed before they expire. For the engine
 * only: nothing that a person can call may return its body. Throws `not_found` when it is no longer shared with the
 * project, `unavailable` when its token has expired and cannot be renewed.
 */
export async function openCredential(
  db: Db,
  projectCredentialId: string,
  projectId: string,
  policy: EgressPolicy = operatorPolicy(),
): Promise<{ name: string; body: CredentialBody; allowedHosts: string[] | null }> {
  const stored = await openStoredCredential(db, projectCredentialId, projectId);
  const { name, allowedHosts } = stored;
  return { name, allowedHosts, body: await refreshCredential(db, policy.of(projectId), stored) };
}

/** As `openCredential`, as it is stored: nobody is asked for a new token. */
export async function openStoredCredential(
  db: Db,
  projectCredentialId: string,
  projectId: string,
): Promise<StoredCredential> {
  const [row] = await db
    .select({
      id: credentials.id,
      name: credentials.name,
      body: credentials.body,
      allowedHosts: credentials.allowedHosts,
      storedAt: credentials.updatedAt,
    })
    .from(projectCredentials)
    .innerJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
    .where(and(eq(projectCredentials.id, projectCredentialId), eq(projectCredentials.projectId, projectId)));
  if (!row) throw notFound("The job's credential");
  return { ...row, body: openBody(row.id, row.body), storedAt: new Date(row.storedAt) };
}
