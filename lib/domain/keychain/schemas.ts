import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { projectCredentials } from "@/db/schema";
import { storable } from "@/lib/domain/fields";
import { pathProblem } from "@/lib/json-path";
import { limits } from "@/lib/limits";
import { conflict, invalid } from "@/lib/refusal";

export const keychainName = storable
  .trim()
  .min(1, "Enter a name, such as By facility.")
  .max(limits.keychainName, `Use at most ${limits.keychainName} characters.`);

export const keychainPath = storable
  .trim()
  .superRefine((text, issue) => {
    const problem = pathProblem(text);
    if (problem) issue.addIssue({ code: "custom", message: problem });
  })
  .meta({
    description: "Leads from a step's input to the external id of a credential, such as $.data.facility.",
  });

export const defaultCredential = z.uuid().nullable().meta({
  description:
    "The project's credential where the input names none that there is (`id` in its list); null: the step fails then.",
});

export const newKeychain = z.strictObject({
  name: keychainName,
  path: keychainPath,
  defaultProjectCredentialId: defaultCredential.default(null),
});

export const sameName = (name: string) =>
  conflict(`There is already a keychain named ${name} in this project. Choose another name.`);

/**
 * Throws `invalid` for a default that is not one of the project's credentials. It is locked: nobody takes it away before
 * the keychain is written.
 */
export async function refuseForeignDefault(tx: Db, projectId: string, id: string | null): Promise<void> {
  if (id === null) return;
  const [row] = await tx
    .select({ id: projectCredentials.id })
    .from(projectCredentials)
    .where(and(eq(projectCredentials.id, id), eq(projectCredentials.projectId, projectId)))
    .for("key share");
  const field = "defaultProjectCredentialId";
  const message = "The default credential is not shared with this project. Choose another one.";
  if (!row) throw invalid(message, { [field]: [message] });
}
