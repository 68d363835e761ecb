import { sql } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPage, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import type { BulkReason, RunState } from "@/lib/words";
import { bulkReasonInfo } from "./reasons";
import { type BulkAct, type BulkActDetail, type BulkRefusal, listBulkInput } from "./schemas";

type Row = Omit<BulkAct, "nextAt" | "createdAt" | "endedAt" | "version"> & {
  onOriginal: boolean;
  nextAt: Date | string;
  createdAt: Date | string;
  endedAt: Date | string | null;
};

const selectActs = sql`select a.id, a.name, a.kind, a.target, cardinality(a.ids) as chosen, a.filter, a.job_id as "jobId",
    coalesce(j.name, (select s.job_name from steps s where s.job_id = a.job_id and s.project_id = a.project_id order by s.id desc limit 1)) as "jobName",
    a.workflow_id as "workflowId", a.on_original as "onOriginal", a.rate_per_minute as "ratePerMinute", a.state, a.waits_for as "waitsFor",
    a.next_at as "nextAt", a.problem, a.round, a.max_rounds as "maxRounds", a.total, a.is_more as "isMore", a.seen, a.done, a.refused,
    a.runs, a.taken_back as "takenBack", a.created_by_label as "createdBy", a.created_at as "createdAt", a.ended_at as "endedAt"
  from bulk_acts a left join jobs j on j.id = a.job_id and j.project_id = a.project_id`;

const actOf = ({ onOriginal, nextAt, createdAt, endedAt, ...act }: Row): BulkAct => ({
  ...act,
  version: onOriginal ? "original" : "latest",
  nextAt: iso(nextAt),
  createdAt: iso(createdAt),
  endedAt: isoOrNull(endedAt),
});

/** The project's bulk acts, newest first. */
export async function listBulkActs(
  ctx: Context,
  input: z.input<typeof listBulkInput> = {},
): Promise<Page<BulkAct>> {
  requirePermission(ctx, "run.read");
  const { cursor, limit } = listBulkInput.parse(input);
  const found = await rows<Row>(
    ctx.db,
    sql`${selectActs} where a.project_id = ${ctx.project.id} ${cursor ? sql`and a.id < ${cursor}::uuid` : sql``}
        order by a.project_id desc, a.id desc limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPage(found, limit);
  return { items: items.map(actOf), nextCursor };
}

/** One act without what its runs came to, of whoever may see it. Throws `not_found`. */
export async function readBulkAct(ctx: Context, id: string): Promise<BulkAct> {
  const [row] = await rows<Row>(
    ctx.db,
    sql`${selectActs} where a.id = ${id}::uuid and a.project_id = ${ctx.project.id}`,
  );
  if (!row) throw notFound("The bulk act");
  return actOf(row);
}

/** One act, how its runs stand and what it could not do. Throws `not_found`. */
export async function getBulkAct(ctx: Context, id: string): Promise<BulkActDetail> {
  requirePermission(ctx, "run.read");
  const act = await readBulkAct(ctx, id);
  const [runStates, reasons] = await Promise.all([
    rows<{ state: RunState; count: number }>(
      ctx.db,
      sql`/* checked: the act is the project's */ select state, count(*)::int as count from runs where bulk_act_id = ${id}::uuid group by state order by state`,
    ),
    rows<{ reason: BulkReason; count: number }>(
      ctx.db,
      sql`select reason, count(*)::int as count from bulk_refusals
          where act_id = ${id}::uuid and project_id = ${ctx.project.id} group by reason order by reason`,
    ),
  ]);
  return {
    ...act,
    runStates,
    refusals: reasons.map((one) => ({ ...one, meaning: bulkReasonInfo[one.reason] })),
  };
}

export const listBulkRefusalsInput = z.strictObject({ id: z.uuid(), ...pageInput.shape });

/** What an act could not do, each item with the reason. Throws `not_found`. */
export async function listBulkRefusals(
  ctx: Context,
  input: z.input<typeof listBulkRefusalsInput>,
): Promise<Page<BulkRefusal>> {
  requirePermission(ctx, "run.read");
  const { id, cursor, limit } = listBulkRefusalsInput.parse(input);
  await readBulkAct(ctx, id);
  const found = await rows<Omit<BulkRefusal, "meaning">>(
    ctx.db,
    sql`select item_id as "itemId", reason from bulk_refusals
        where act_id = ${id}::uuid and project_id = ${ctx.project.id} ${cursor ? sql`and item_id > ${cursor}::uuid` : sql``}
        order by act_id, item_id limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPageBy(found, limit, ({ itemId }) => itemId);
  return { items: items.map((one) => ({ ...one, meaning: bulkReasonInfo[one.reason] })), nextCursor };
}
