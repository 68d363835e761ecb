import { and, eq } from "drizzle-orm";
import { dataclips } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { maskFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound, Refusal } from "@/lib/refusal";
import { whyGone } from "@/lib/state/kept";

/**
 * A stored state as it may be shown, JSON text. For whom something is masked, one that people brought without what stands at
 * the paths; of what a job handed on nothing, because it is not kept what that was about: its run shows it.
 * Throws `not_found`, with the reason when it is not there any more.
 */
export async function getDataclipBody(ctx: Context, id: string): Promise<string> {
  requirePermission(ctx, "run.read");
  const [row] = await ctx.db
    .select({
      type: dataclips.type,
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
  const mask = await maskFor(ctx);
  if (!mask) return row.body;
  return (row.type === "saved_input" ? mask.own(row.body) : mask.whole).state(row.body);
}
