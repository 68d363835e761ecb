import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { credentials, projectCredentials } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseLastMade } from "@/lib/domain/counted";
import type { named } from "@/lib/domain/fields";
import { may } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { forbidden, notFound } from "@/lib/refusal";
import { credentialId } from "./delete";

/**
 * Lets the project's jobs use one of the caller's credentials; sharing twice gives the same id. Throws `not_found`
 * for a credential of somebody else. `as`: the id that it is to have in the project, unless it is shared already.
 */
export async function shareCredential(
  ctx: Context,
  input: z.input<typeof credentialId>,
  { as }: { as?: string } = {},
): Promise<z.infer<typeof named>> {
  return write(ctx, "credential.use", async (tx) => {
    const { credentialId: id } = credentialId.parse(input);
    const ownerId = actorUserId(ctx.actor);
    if (!ownerId) throw forbidden("Only a credential's owner can share it.");
    const [credential] = await tx
      .select({ name: credentials.name })
      .from(credentials)
      .where(and(eq(credentials.id, id), eq(credentials.ownerId, ownerId)));
    if (!credential) throw notFound("The credential");
    const { name } = credential;
    await lockProject(tx, ctx.project.id);
    const [made] = await tx
      .insert(projectCredentials)
      .values({
        ...(as ? { id: as } : {}),
        projectId: ctx.project.id,
        credentialId: id,
        createdAt: sql`clock_timestamp()`,
      })
      .onConflictDoNothing()
      .returning({ id: projectCredentials.id });
    if (made) {
      await refuseLastMade(tx, "sharedCredentials", {
        table: projectCredentials,
        where: eq(projectCredentials.projectId, ctx.project.id),
        whose: "The project",
      });
      return {
        result: { id: made.id, name },
        audit: { event: "credential.share", itemId: made.id, after: { credentialId: id, name } },
        changed: null,
      };
    }
    const [known] = await tx
      .select({ id: projectCredentials.id })
      .from(projectCredentials)
      .where(and(eq(projectCredentials.projectId, ctx.project.id), eq(projectCredentials.credentialId, id)));
    if (!known) throw notFound("The credential");
    return { result: { id: known.id, name }, audit: null, changed: null };
  });
}

export const projectCredentialId = z.strictObject({ projectCredentialId: z.uuid() });

/**
 * Takes a credential away from the project's jobs. Its owner may, and whoever manages the collaborators. Throws
 * `not_found` when the project has no such credential.
 */
export async function unshareCredential(
  ctx: Context,
  input: z.input<typeof projectCredentialId>,
): Promise<void> {
  await write(ctx, "project.read", async (tx) => {
    const { projectCredentialId: id } = projectCredentialId.parse(input);
    const [row] = await tx
      .select({ credentialId: credentials.id, name: credentials.name, ownerId: credentials.ownerId })
      .from(projectCredentials)
      .innerJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
      .where(and(eq(projectCredentials.id, id), eq(projectCredentials.projectId, ctx.project.id)));
    if (!row) throw notFound("The credential");
    if (row.ownerId !== actorUserId(ctx.actor) && !may(ctx, "member.manage"))
      throw forbidden("Only the credential's owner, or an admin of the project, can stop sharing it.");
    await tx
      .delete(projectCredentials)
      .where(and(eq(projectCredentials.id, id), eq(projectCredentials.projectId, ctx.project.id)));
    const before = { credentialId: row.credentialId, name: row.name };
    return {
      result: undefined,
      audit: { event: "credential.unshare", itemId: id, before },
      changed: null,
    };
  });
}
