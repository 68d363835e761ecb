import { type SQL, sql } from "drizzle-orm";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { maskFor } from "@/lib/domain/mask/mask";
import { type IssueRow, trendDays } from "./types";

/** What an issue affects is counted up to here. */
export const mostCounted = 10_000;

type Times = "firstSeenAt" | "lastSeenAt" | "changedAt";
type Stored = Omit<IssueRow, Times | "ignoredUntil" | "trend"> & { [K in Times]: Date | string } & {
  ignoredUntil: Date | string | null;
  seenId: string;
  firstMessageId: string | null;
  firstWorkOrderId: string | null;
  days: Record<string, number> | null;
};

/** An issue, and the id that lists page by. */
export type ReadIssue = { issue: IssueRow; seenId: string };

/** Issues of the project as whoever asks may see them; `which` is SQL behind `from issues i`. */
export async function readIssues(ctx: Context, which: SQL): Promise<ReadIssue[]> {
  const project = ctx.project.id;
  const found = await rows<Stored>(
    ctx.db,
    sql`select i.id, i.state, i.title, i.error_type as "errorType", i.run_state as "runState", i.workflow_id as "workflowId",
          w.name as "workflowName", i.job_id as "jobId", i.job_name as "jobName", i.count, affected.count as affected,
          i.first_seen_at as "firstSeenAt", i.last_seen_at as "lastSeenAt", i.last_run_id as "lastRunId", i.seen_id as "seenId",
          i.changed_by_label as "changedBy", i.changed_at as "changedAt", i.ignored_until as "ignoredUntil",
          i.ignored_until_count as "ignoredUntilCount", i.returned, i.first_message_id as "firstMessageId",
          i.first_work_order_id as "firstWorkOrderId", trend.days
        from (select * from issues i ${which}) i
        left join workflows w on w.id = i.workflow_id and w.project_id = ${project} and w.deleted_at is null
        cross join lateral (
          select count(*)::int as count from (
            select 1 from issue_orders o where o.issue_id = i.id and o.project_id = ${project} and o.healed_at is null limit ${mostCounted + 1}
          ) counted
        ) affected
        cross join lateral (
          select jsonb_object_agg(d.day, d.count) as days from issue_days d
          where d.issue_id = i.id and d.project_id = ${project} and d.day > (now() at time zone 'UTC')::date - ${trendDays}::int
        ) trend
        order by i.seen_id desc`,
  );
  const mask = await maskFor(ctx);
  const subjectOf = ({ firstMessageId, firstWorkOrderId }: Stored) => ({
    messageId: firstMessageId,
    workOrderId: firstWorkOrderId,
  });
  const veilOf = mask && (await mask.veils(found.map(subjectOf)));
  return found.map((row) => {
    const { seenId, firstMessageId: _m, firstWorkOrderId: _o, days, ...one } = row;
    const veil = veilOf?.(subjectOf(row));
    const issue = {
      ...one,
      ...(veil ? { title: veil.text(one.title), errorType: veil.text(one.errorType) } : {}),
      trend: trendOf(days ?? {}, new Date()),
      firstSeenAt: iso(one.firstSeenAt),
      lastSeenAt: iso(one.lastSeenAt),
      changedAt: iso(one.changedAt),
      ignoredUntil: isoOrNull(one.ignoredUntil),
    };
    return { issue, seenId };
  });
}

function trendOf(days: Record<string, number>, today: Date): number[] {
  return Array.from({ length: trendDays }, (_, place) => {
    const day = new Date(today.getTime() - (trendDays - 1 - place) * 86_400_000);
    return days[day.toISOString().slice(0, 10)] ?? 0;
  });
}
