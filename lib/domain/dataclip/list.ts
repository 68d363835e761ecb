import { sql } from "drizzle-orm";
import { z } from "zod";
import { stopIfHungUp } from "@/db/deadline";
import { containing } from "@/db/like";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import { nameVeils } from "@/lib/domain/mask/names";
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
  const mask = await maskFor(ctx);
  if (mask) return toPage(await veiledInputs(ctx, mask, { text, cursor, limit: limit + 1 }), limit);
  const found = await rows<Row>(
    ctx.db,
    sql`select d.id, d.name, d.type, d.size, d.created_at as "createdAt" from dataclips d
        where d.project_id = ${ctx.project.id} and d.name is not null
          ${text ? sql`and d.name ilike ${containing(text)}` : sql``}
          ${cursor ? sql`and (d.project_id, d.name) > (select c.project_id, c.name from dataclips c where c.id = ${cursor} and c.project_id = ${ctx.project.id})` : sql``}
        order by d.project_id, d.name limit ${limit + 1}`,
  );
  return toPage(found.map(inputOf), limit);
}

type Row = Omit<SavedInput, "createdAt"> & { createdAt: Date | string };

const inputOf = (row: Row): SavedInput => ({ ...row, createdAt: iso(row.createdAt) });

/** How many are read at a time for their names. */
const chunk = 50;

/** In the order in which they were made, and by what is shown of their names: neither tells what is hidden of one. */
async function veiledInputs(
  ctx: Context,
  mask: Mask,
  { text, cursor, limit }: { text?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<SavedInput[]> {
  const found: SavedInput[] = [];
  const wanted = text?.toLowerCase();
  for (let after = cursor; found.length < limit; ) {
    stopIfHungUp();
    const page = await rows<Row>(
      ctx.db,
      sql`select d.id, d.name, d.type, d.size, d.created_at as "createdAt" from dataclips d
          where d.project_id = ${ctx.project.id} and d.name is not null ${after ? sql`and d.id > ${after}` : sql``}
          order by d.id limit ${chunk}`,
    );
    const veilOf = await nameVeils(
      ctx,
      mask,
      page.map(({ id }) => id),
    );
    const shown = page.map((row) => ({ ...inputOf(row), name: veilOf(row.id).text(row.name) }));
    found.push(...shown.filter(({ name }) => wanted === undefined || name.toLowerCase().includes(wanted)));
    after = page.at(-1)?.id;
    if (page.length < chunk) break;
  }
  return found.slice(0, limit);
}
