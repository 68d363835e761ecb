import { sql } from "drizzle-orm";
import { z } from "zod";
import { containing } from "@/db/like";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import type { SavedInput } from "./types";

export const listSavedInputsInput = pageInput.extend({
  /** Part of the name. */
  text: z.string().trim().min(1).max(100).optional(),
});

/** Returns the project's saved inputs by their names, without what is in them. */
export async function listSavedInputs(
  ctx: Context,
  input: z.input<typeof listSavedInputsInput> = {},
): Promise<Page<SavedInput>> {
  requirePermission(ctx, "run.read");
  const { text, cursor, limit } = listSavedInputsInput.parse(input);
  const found = await rows<Omit<SavedInput, "createdAt"> & { createdAt: Date | string }>(
    ctx.db,
    sql`select d.id, d.name, d.type, d.size, d.created_at as "createdAt" from dataclips d
        where d.project_id = ${ctx.project.id} and d.name is not null
          ${text ? sql`and d.name ilike ${containing(text)}` : sql``}
          ${cursor ? sql`and (d.project_id, d.name) > (select c.project_id, c.name from dataclips c where c.id = ${cursor} and c.project_id = ${ctx.project.id})` : sql``}
        order by d.project_id, d.name limit ${limit + 1}`,
  );
  return toPage(
    found.map((row) => ({ ...row, createdAt: iso(row.createdAt) })),
    limit,
  );
}
