import { sql } from "drizzle-orm";
import { isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { IssueMark } from "./types";

type Row = Omit<IssueMark, "healedAt"> & { workOrderId: string; healedAt: Date | string | null };

/** The issues that these work orders are affected by, or were: of each work order, newest failure first. */
export async function issuesOfOrders(
  ctx: Context,
  workOrderIds: readonly string[],
): Promise<(workOrderId: string) => IssueMark[]> {
  const found = await rows<Row>(
    ctx.db,
    sql`select o.work_order_id as "workOrderId", i.id, i.state, i.count, o.run_id as "runId", o.step_id as "stepId",
          o.healed_at as "healedAt"
        from unnest(${sql.param([...new Set(workOrderIds)])}::uuid[]) as asked (id) cross join lateral (
          select * from issue_orders o where o.work_order_id = asked.id and o.project_id = ${ctx.project.id} offset 0
        ) o join issues i on i.id = o.issue_id and i.project_id = ${ctx.project.id}
        order by o.run_id desc, i.id`,
  );
  const marks = new Map<string, IssueMark[]>();
  for (const { workOrderId, healedAt, ...mark } of found)
    marks.set(workOrderId, [...(marks.get(workOrderId) ?? []), { ...mark, healedAt: isoOrNull(healedAt) }]);
  return (id) => marks.get(id) ?? [];
}
