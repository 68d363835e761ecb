import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import type { z } from "zod";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { invalid, notFound } from "@/lib/refusal";
import { downloadRoles, maskableRoles } from "@/lib/words";
import type { Protection } from "@/lib/workflow/types";
import { protectionOf } from "./mask";
import { protection, unprotected } from "./protection";

/** What is masked in the project, for whom, and who downloads nothing. Any member may know. */
export async function getProtection(ctx: Context): Promise<Protection> {
  requirePermission(ctx, "project.read");
  return protectionOf(ctx.db, ctx.project.id);
}

/**
 * Sets all of it. Holds from the next request on, for what came before too; who has revealed something sees it until that
 * ends. Throws `invalid` for a path that is none, and for a role that may reveal what is not masked for it.
 */
export async function setProtection(ctx: Context, input: z.input<typeof protection>): Promise<Protection> {
  return write(ctx, "project.update", async (tx) => {
    const asked = protection.parse(input);
    const after: Protection = {
      masks: [...new Set(asked.masks)],
      maskedRoles: maskableRoles.filter((role) => asked.maskedRoles.includes(role)),
      revealRoles: maskableRoles.filter((role) => asked.revealRoles.includes(role)),
      noDownloadRoles: downloadRoles.filter((role) => asked.noDownloadRoles.includes(role)),
    };
    const odd = after.revealRoles.filter((role) => !after.maskedRoles.includes(role));
    if (odd.length > 0)
      throw invalid(`For ${odd.join(" and ")} nothing is masked, so there is nothing to reveal.`, {
        revealRoles: ["Choose only roles for which it is masked."],
      });
    const [row] = await tx
      .select({ protection: projects.protection })
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      .for("update");
    if (!row) throw notFound("The project");
    const before = row.protection ?? unprotected;
    if (isDeepStrictEqual(before, after)) return { result: after, audit: null, changed: null };
    await tx.update(projects).set({ protection: after }).where(eq(projects.id, ctx.project.id));
    return {
      result: after,
      audit: { event: "project.protect", itemId: ctx.project.id, before, after },
      changed: null,
    };
  });
}
