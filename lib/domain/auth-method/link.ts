import { and, eq, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { authMethods, triggerAuthMethods, triggers, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { limits, orSay } from "@/lib/limits";
import { notFound } from "@/lib/refusal";
import { authMethodId } from "./delete";

export const authMethodLinks = authMethodId.extend({
  onInbox: z.boolean().optional(),
  /** All the webhook triggers that it protects; those left out are unlinked. */
  triggerIds: z
    .array(z.uuid())
    .max(limits.authMethodTriggers, orSay("authMethodTriggers", "The method"))
    .optional(),
});

/** Says what an authentication method protects. Throws `not_found` for methods and triggers of other projects. */
export async function linkAuthMethod(ctx: Context, input: z.input<typeof authMethodLinks>): Promise<void> {
  await write(ctx, "auth_method.manage", async (tx) => {
    const { authMethodId: id, onInbox, triggerIds } = authMethodLinks.parse(input);
    const [before] = await tx
      .select({ onInbox: authMethods.onInbox })
      .from(authMethods)
      .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)))
      .for("update");
    if (!before) throw notFound("The authentication method");
    if (onInbox !== undefined)
      await tx
        .update(authMethods)
        .set({ onInbox })
        .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)));
    if (triggerIds) await replaceTriggers(tx, ctx, id, [...new Set(triggerIds)]);
    return {
      result: undefined,
      audit: { event: "auth_method.link", itemId: id, before, after: { onInbox, triggerIds } },
      changed: null,
    };
  });
}

/** The method is the project's own, which the caller has seen. */
async function replaceTriggers(tx: Db, ctx: Context, id: string, triggerIds: string[]): Promise<void> {
  const ofLiving = tx
    .select({ id: triggers.id })
    .from(triggers)
    .innerJoin(workflows, eq(workflows.id, triggers.workflowId))
    .where(and(eq(triggers.projectId, ctx.project.id), isNull(workflows.deletedAt)));
  // checked: the method is this project's. A deleted workflow may come back, and nobody is shown what protects it.
  await tx
    .delete(triggerAuthMethods)
    .where(and(eq(triggerAuthMethods.authMethodId, id), inArray(triggerAuthMethods.triggerId, ofLiving)));
  if (triggerIds.length === 0) return;
  const known = await tx
    .select({ triggerId: triggers.id })
    .from(triggers)
    .innerJoin(workflows, eq(workflows.id, triggers.workflowId))
    .where(
      and(
        inArray(triggers.id, triggerIds),
        eq(triggers.projectId, ctx.project.id),
        eq(triggers.type, "webhook"),
        isNull(workflows.deletedAt),
      ),
    );
  if (known.length !== triggerIds.length) throw notFound("One of the webhook triggers");
  await tx.insert(triggerAuthMethods).values(known.map(({ triggerId }) => ({ triggerId, authMethodId: id })));
}
