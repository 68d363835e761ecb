import { and, eq } from "drizzle-orm";
import { drafts } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { forbidden } from "@/lib/refusal";

/** The person whose drafts and tests these are. Throws `forbidden` for a repository's token, behind which nobody stands. */
export function personOf(ctx: Context): string {
  const userId = actorUserId(ctx.actor);
  if (!userId) throw forbidden("A draft is a person's, and so are its tests. Use a token of your own.");
  return userId;
}

/** The caller's draft of a workflow of the project. Throws like `personOf`. */
export const isMine = (ctx: Context, workflowId: string) =>
  and(
    eq(drafts.workflowId, workflowId),
    eq(drafts.userId, personOf(ctx)),
    eq(drafts.projectId, ctx.project.id),
  );
