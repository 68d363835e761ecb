import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { oauthClients, projectOauthClients } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseLastMade } from "@/lib/domain/counted";
import { may } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { forbidden, notFound } from "@/lib/refusal";
import { oauthClientId } from "./fields";

/** Lets the project's people connect with one of the caller's clients; twice is once. Throws `not_found` for one of somebody else. */
export async function shareOauthClient(ctx: Context, input: z.input<typeof oauthClientId>): Promise<void> {
  await write(ctx, "credential.use", async (tx) => {
    const { oauthClientId: id } = oauthClientId.parse(input);
    const ownerId = actorUserId(ctx.actor);
    if (!ownerId) throw forbidden("Only a client's owner can share it.");
    const [client] = await tx
      .select({ name: oauthClients.name })
      .from(oauthClients)
      .where(and(eq(oauthClients.id, id), eq(oauthClients.ownerId, ownerId)));
    if (!client) throw notFound("The OAuth2 client");
    await lockProject(tx, ctx.project.id);
    const made = await tx
      .insert(projectOauthClients)
      .values({ projectId: ctx.project.id, oauthClientId: id })
      .onConflictDoNothing()
      .returning({ id: projectOauthClients.oauthClientId });
    if (made.length === 0) return { result: undefined, audit: null, changed: null };
    await refuseLastMade(tx, "sharedOauthClients", {
      table: projectOauthClients,
      where: eq(projectOauthClients.projectId, ctx.project.id),
      whose: "The project",
    });
    return {
      result: undefined,
      audit: { event: "oauth_client.share", itemId: id, after: { name: client.name } },
      changed: null,
    };
  });
}

/**
 * Nobody connects with it in this project any more; credentials that were stay connected. Its owner may, and whoever manages
 * the collaborators. Throws `not_found` when the project has no such client.
 */
export async function unshareOauthClient(ctx: Context, input: z.input<typeof oauthClientId>): Promise<void> {
  await write(ctx, "project.read", async (tx) => {
    const { oauthClientId: id } = oauthClientId.parse(input);
    const isShare = [
      eq(projectOauthClients.oauthClientId, id),
      eq(projectOauthClients.projectId, ctx.project.id),
    ];
    // checked: shared with this project
    const [row] = await tx
      .select({ name: oauthClients.name, ownerId: oauthClients.ownerId })
      .from(projectOauthClients)
      .innerJoin(oauthClients, eq(oauthClients.id, projectOauthClients.oauthClientId))
      .where(and(...isShare));
    if (!row) throw notFound("The OAuth2 client");
    if (row.ownerId !== actorUserId(ctx.actor) && !may(ctx, "member.manage"))
      throw forbidden("Only the client's owner, or an admin of the project, can stop sharing it.");
    // checked: shared with this project
    await tx.delete(projectOauthClients).where(and(...isShare));
    return {
      result: undefined,
      audit: { event: "oauth_client.unshare", itemId: id, before: { name: row.name } },
      changed: null,
    };
  });
}
