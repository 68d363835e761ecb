import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentials, projectCredentials } from "@/db/schema";
import { notFound } from "@/lib/domain/errors";
import { type CredentialBody, openBody } from "./body";

/**
 * The decrypted credential that a job of this project uses. For the engine only: nothing that a person can call may
 * return its body. Throws `not_found` when it is no longer shared with the project.
 */
export async function openCredential(
  db: Db,
  projectCredentialId: string,
  projectId: string,
): Promise<{ name: string; body: CredentialBody }> {
  const [row] = await db
    .select({ id: credentials.id, name: credentials.name, body: credentials.body })
    .from(projectCredentials)
    .innerJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
    .where(and(eq(projectCredentials.id, projectCredentialId), eq(projectCredentials.projectId, projectId)));
  if (!row) throw notFound("The job's credential");
  return { name: row.name, body: openBody(row.id, row.body) };
}
