import { and, eq } from "drizzle-orm";
import { dataclips } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound, Refusal } from "@/lib/refusal";
import { whyGone } from "@/lib/state/kept";

/** A stored state as it may be shown, JSON text. Throws `not_found`, with the reason when it is not there any more. */
export async function getDataclipBody(ctx: Context, id: string): Promise<string> {
  requirePermission(ctx, "run.read");
  const [row] = await ctx.db
    .select({
      body: dataclips.body,
      size: dataclips.size,
      wipedAt: dataclips.wipedAt,
      wipedFor: dataclips.wipedFor,
      since: dataclips.createdAt,
    })
    .from(dataclips)
    .where(and(eq(dataclips.id, id), eq(dataclips.projectId, ctx.project.id)));
  if (!row) throw notFound("The input");
  if (row.body === null)
    throw new Refusal(
      "not_found",
      `The input is not kept. ${whyGone({ ...row, isWiped: row.wipedAt !== null })}`,
    );
  return row.body;
}
