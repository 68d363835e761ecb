import { and, asc, eq, gt, inArray } from "drizzle-orm";
import type { z } from "zod";
import { iso } from "@/db/rows";
import { authMethods, triggerAuthMethods } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import type { AuthMethodType } from "@/lib/words";

export type AuthMethodSummary = {
  id: string;
  name: string;
  type: AuthMethodType;
  username: string | null;
  /** Protects the project's own inbox URL. */
  onInbox: boolean;
  /** Protects the URLs of these triggers. */
  triggerIds: string[];
  createdAt: string;
};

/** The project's authentication methods, without their secrets. */
export async function listAuthMethods(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<AuthMethodSummary>> {
  requirePermission(ctx, "workflow.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: authMethods.id,
      name: authMethods.name,
      type: authMethods.type,
      username: authMethods.username,
      onInbox: authMethods.onInbox,
      createdAt: authMethods.createdAt,
    })
    .from(authMethods)
    .where(and(eq(authMethods.projectId, ctx.project.id), ...(cursor ? [gt(authMethods.id, cursor)] : [])))
    .orderBy(asc(authMethods.id))
    .limit(limit + 1);
  const ids = found.map((row) => row.id);
  // checked: the methods are this project's
  const links =
    ids.length === 0
      ? []
      : await ctx.db.select().from(triggerAuthMethods).where(inArray(triggerAuthMethods.authMethodId, ids));
  const items = found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    triggerIds: links.filter((link) => link.authMethodId === row.id).map((link) => link.triggerId),
  }));
  return toPage(items, limit);
}
