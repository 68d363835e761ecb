import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { firstIdAt } from "@/lib/domain/id-range";
import { requirePermission } from "@/lib/domain/permissions";
import { countedRows } from "@/lib/domain/project/holdings";
import { invalid, notFound } from "@/lib/refusal";
import { forecastOf } from "./forecast";
import { monthText, type Usage } from "./types";

export const getUsageInput = z.strictObject({
  month: monthText.optional().meta({ description: "This month by default, in UTC." }),
});

const dayMs = 86_400_000;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** What a project ran in a month, day by day (UTC), with the forecast of the current one. Throws `invalid` for one to come. */
export async function getUsage(
  ctx: Context,
  input: z.input<typeof getUsageInput> = {},
  now = new Date(),
): Promise<Usage> {
  requirePermission(ctx, "project.read");
  const current = now.toISOString().slice(0, 7);
  const { month = current } = getUsageInput.parse(input);
  if (month > current) throw invalid("This month has not begun.", { month: ["Name one that has begun."] });
  const begin = Date.parse(`${month}-01T00:00:00Z`);
  const end = Math.min(nextMonth(begin), now.getTime());
  const isCurrent = month === current;
  const [project] = await ctx.db
    .select({
      runsPerMonth: projects.runsPerMonth,
      runsPerMinute: projects.runsPerMinute,
      limitKind: projects.limitKind,
      createdAt: projects.createdAt,
    })
    .from(projects)
    .where(eq(projects.id, ctx.project.id));
  if (!project) throw notFound("The project");
  const { createdAt, ...plan } = project;
  const today = Date.parse(`${dayOf(now.getTime())}T00:00:00Z`);
  // The forecast goes by seven days, which may lie in the month before.
  const from = isCurrent ? Math.min(begin, today - 7 * dayMs) : begin;
  const [counted, toRelease] = await Promise.all([
    daysOf(ctx, { from, to: nextMonth(begin) }),
    stillRejected(ctx),
  ]);
  const days: Usage["days"] = [];
  for (let at = begin; at < end; at += dayMs) {
    const day = dayOf(at);
    days.push({ day, runs: 0, rejected: 0, skipped: 0, ...counted.get(day) });
  }
  const sum = (of: "runs" | "rejected" | "skipped") => days.reduce((total, day) => total + day[of], 0);
  const used = sum("runs");
  const lately = [...counted.values()].filter(({ day }) => day >= dayOf(today - 7 * dayMs));
  const recent = lately.reduce((total, day) => total + day.runs, 0);
  const limit = plan.runsPerMonth;
  return {
    month,
    plan,
    runs: used,
    rejected: sum("rejected"),
    skipped: sum("skipped"),
    percent: limit === null ? null : Math.floor((used * 100) / Math.max(1, limit)),
    toRelease,
    days,
    forecast: isCurrent ? forecastOf({ now, used, recent, since: createdAt, limit }) : null,
  };
}

const nextMonth = (begin: number): number => {
  const at = new Date(begin);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
};

/** By day, what has been counted and what came since. Days without anything are left out. */
async function daysOf(
  ctx: Context,
  { from, to }: { from: number; to: number },
): Promise<Map<string, Usage["days"][number]>> {
  const { id } = ctx.project;
  const since = sql`greatest((select counted_to from usage_counted), ${firstIdAt(new Date(from))}::uuid)`;
  const until = sql`${firstIdAt(new Date(to))}::uuid`;
  const ofProject = (alias: string) =>
    sql`(${sql.raw(`${alias}.project_id, ${alias}.id`)}) >= (${id}, since.id) and (${sql.raw(`${alias}.project_id, ${alias}.id`)}) < (${id}, ${until})`;
  const found = await rows<Usage["days"][number]>(
    ctx.db,
    sql`with since as materialized (select ${since} as id)
        select day::text, sum(runs)::int as runs, sum(rejected)::int as rejected, sum(skipped)::int as skipped from (
          select day, runs, rejected, skipped from usage_days
          where project_id = ${id} and day >= ${dayOf(from)}::date and day < ${dayOf(to)}::date
          union all
          select (moment_of(r.id) at time zone 'UTC')::date, 1, 0, 0 from since cross join lateral (
            select r.id from runs r where ${ofProject("r")} order by r.project_id, r.id offset 0) r
          union all
          select (moment_of(o.id) at time zone 'UTC')::date, 0, 1, 0 from since cross join lateral (
            select o.id, o.rejected_for from work_orders o where ${ofProject("o")} order by o.project_id, o.id offset 0) o
          where o.rejected_for is not null
        ) counted group by day order by day`,
  );
  return new Map(found.map((day) => [day.day, day]));
}

async function stillRejected(ctx: Context): Promise<number> {
  const ofProject = keyset([[sql`project_id`, ctx.project.id]], sql`id`);
  const [found] = await rows<{ count: number }>(
    ctx.db,
    sql`select count(*)::int as count from (
          select 1 from work_orders where ${ofProject.where} and listed_state = 'rejected' order by ${ofProject.newestFirst} limit ${countedRows}
        ) rejected`,
  );
  return found?.count ?? 0;
}
