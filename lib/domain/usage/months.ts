import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Page, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { monthText, type UsageMonth } from "./types";

export const listUsageMonthsInput = z.strictObject({
  cursor: monthText.optional(),
  limit: z.coerce.number().int().min(1).max(60).default(12),
});

/** The months before this one in which a project started something, newest first, as far as they have been counted. */
export async function listUsageMonths(
  ctx: Context,
  input: z.input<typeof listUsageMonthsInput> = {},
  now = new Date(),
): Promise<Page<UsageMonth>> {
  requirePermission(ctx, "project.read");
  const { cursor, limit } = listUsageMonthsInput.parse(input);
  const before = cursor ?? now.toISOString().slice(0, 7);
  const found = await rows<UsageMonth>(
    ctx.db,
    sql`select to_char(day, 'YYYY-MM') as month, sum(runs)::int as runs, sum(rejected)::int as rejected, sum(skipped)::int as skipped
        from usage_days where project_id = ${ctx.project.id} and day < ${`${before}-01`}::date
        group by 1 order by 1 desc limit ${limit + 1}`,
  );
  return toPageBy(found, limit, ({ month }) => month);
}
