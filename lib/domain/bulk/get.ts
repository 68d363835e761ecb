import { sql } from "drizzle-orm";
import { z } from "zod";
import { keyset } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { hiddenTexts, masked } from "@/lib/domain/mask/hidden-texts";
import { maskFor } from "@/lib/domain/mask/mask";
import { type Page, pageInput, toPage, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { searchTerms } from "@/lib/search/terms";
import { type BulkReason, type RunState, runStates } from "@/lib/words";
import { bulkReasonInfo } from "./reasons";
import { type BulkAct, type BulkActDetail, type BulkRefusal, listBulkInput } from "./schemas";

type Row = Omit<BulkAct, "nextAt" | "createdAt" | "endedAt" | "version"> & {
  onOriginal: boolean;
  nextAt: Date | string;
  createdAt: Date | string;
  endedAt: Date | string | null;
};

/* Ids say nothing to whoever reads what an act was for. */
const filterNames = sql`jsonb_strip_nulls(jsonb_build_object(
    'job', (select j.name from jobs j where j.id = (a.filter->>'job')::uuid and j.project_id = a.project_id),
    'workflow', (select w.name from workflows w where w.id = (a.filter->>'workflow')::uuid and w.project_id = a.project_id),
    'issue', (select coalesce(i.job_name, 'without a job') from issues i where i.id = (a.filter->>'issue')::uuid and i.project_id = a.project_id),
    'bulk', (select b.name from bulk_acts b where b.id = (a.filter->>'bulk')::uuid and b.project_id = a.project_id)))`;

const selectActs = sql`/* checked: whoever asks with it names the project */ select a.id, a.name, a.kind, a.target, cardinality(a.ids) as chosen, a.filter, ${filterNames} as "filterNames", a.job_id as "jobId", a.job_name as "jobName",
    a.workflow_id as "workflowId", a.on_original as "onOriginal", a.rate_per_minute as "ratePerMinute", a.state, a.waits_for as "waitsFor",
    a.next_at as "nextAt", a.problem, a.round, a.max_rounds as "maxRounds", a.total, a.is_more as "isMore", a.seen, a.done, a.refused,
    a.runs, a.taken_back as "takenBack", a.created_by_label as "createdBy", a.created_at as "createdAt", a.ended_at as "endedAt"
  from bulk_acts a`;

const actOf = (row: Row, isMasked: boolean): BulkAct => {
  const { onOriginal, nextAt, createdAt, endedAt, ...act } = row;
  return {
    ...act,
    ...(isMasked ? veiledOf(row) : {}),
    version: onOriginal ? "original" : "latest",
    nextAt: iso(nextAt),
    createdAt: iso(createdAt),
    endedAt: isoOrNull(endedAt),
  };
};

/** Whoever searched may have searched for what others are not to see, and have named the act after it. */
function veiledOf({ name, filter, filterNames }: Row): Pick<BulkAct, "name" | "filter" | "filterNames"> {
  const names = "bulk" in filterNames ? { ...filterNames, bulk: masked } : filterNames;
  if (filter?.text === undefined) return { name, filter, filterNames: names };
  const shown = hiddenTexts([filter.text, ...searchTerms(filter.text).map(({ text }) => text)]).text(name);
  return { name: shown, filter: { ...filter, text: masked }, filterNames: names };
}

/** The project's bulk acts, newest first. */
export async function listBulkActs(
  ctx: Context,
  input: z.input<typeof listBulkInput> = {},
): Promise<Page<BulkAct>> {
  requirePermission(ctx, "run.read");
  const { cursor, limit } = listBulkInput.parse(input);
  const ofProject = keyset([[sql`a.project_id`, ctx.project.id]], sql`a.id`, { before: cursor });
  const found = await rows<Row>(
    ctx.db,
    sql`${selectActs} where ${ofProject.where} order by ${ofProject.newestFirst} limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPage(found, limit);
  const isMasked = (await maskFor(ctx)) !== null;
  return { items: items.map((row) => actOf(row, isMasked)), nextCursor };
}

/** One act without what its runs came to, of whoever may see it. Throws `not_found`. */
export async function readBulkAct(ctx: Context, id: string): Promise<BulkAct> {
  const [row] = await rows<Row>(
    ctx.db,
    sql`${selectActs} where a.id = ${id}::uuid and a.project_id = ${ctx.project.id}`,
  );
  if (!row) throw notFound("The bulk act");
  return actOf(row, (await maskFor(ctx)) !== null);
}

/** Runs of one state are counted up to here: a page asks every second. */
const mostCounted = 10_000;

/** One act, how its runs stand and what it could not do. Throws `not_found`. */
export async function getBulkAct(ctx: Context, id: string): Promise<BulkActDetail> {
  requirePermission(ctx, "run.read");
  const act = await readBulkAct(ctx, id);
  const [stands, reasons] = await Promise.all([
    rows<{ state: RunState; count: number }>(
      ctx.db,
      sql`/* checked: the act is the project's */ select s.state, c.count from unnest(${sql.param([...runStates])}::text[]) with ordinality as s (state, place)
          cross join lateral (
            select count(*)::int as count from (
              select 1 from runs r where r.bulk_act_id = ${id}::uuid and r.state = s.state limit ${mostCounted + 1}
            ) of
          ) c where c.count > 0 order by s.place`,
    ),
    rows<{ reason: BulkReason; count: number }>(
      ctx.db,
      // They are kept with the act; of one that an older release carried out some of, they are counted up to a bound.
      sql`with kept as (
            select k.key as reason, k.value::int as count from bulk_acts a cross join lateral jsonb_each_text(a.reasons) k
            where a.id = ${id}::uuid and a.project_id = ${ctx.project.id}
          )
          select reason, count from kept where (select sum(count) from kept) = ${act.refused}
          union all
          (select reason, count(*)::int from (
             select reason from bulk_refusals where act_id = ${id}::uuid and project_id = ${ctx.project.id}
               and (select coalesce(sum(count), 0) from kept) <> ${act.refused} limit ${mostCounted}
           ) few group by reason)
          order by reason`,
    ),
  ]);
  return {
    ...act,
    runStates: stands,
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
