import { type SQL, sql } from "drizzle-orm";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { masked } from "@/lib/domain/mask/hidden-texts";
import { maskFor } from "@/lib/domain/mask/mask";
import type { Veil } from "@/lib/domain/mask/veil";
import { otherTitle } from "./fingerprint";
import { fold } from "./fold";
import { type IssueRow, trendDays } from "./types";

/** So much of a message is folded (lib/domain/issue/failures.ts). */
const foldedChars = 2_000;

/** What an issue affects is counted up to here, in a list and of one alone. */
export const mostCounted = { list: 100, one: 10_000 } as const;

type Times = "firstSeenAt" | "lastSeenAt" | "changedAt";
type Stored = Omit<IssueRow, Times | "ignoredUntil" | "trend"> & { [K in Times]: Date | string } & {
  ignoredUntil: Date | string | null;
  seenId: string;
  lastError: string | null;
  lastMessageId: string | null;
  lastWorkOrderId: string | null;
  days: Record<string, number> | null;
};

/** An issue, and the id that lists page by. */
export type ReadIssue = { issue: IssueRow; seenId: string };

/**
 * Issues of the project as whoever asks may see them; `which` is SQL behind `from issues i`, `most` how far it is counted what
 * one affects.
 */
export async function readIssues(ctx: Context, which: SQL, most: number): Promise<ReadIssue[]> {
  const project = ctx.project.id;
  const found = await rows<Stored>(
    ctx.db,
    sql`select i.id, i.state, i.title, i.error_type as "errorType", i.run_state as "runState", i.workflow_id as "workflowId",
          w.name as "workflowName", i.job_id as "jobId", i.job_name as "jobName", i.count, least(affected.count, ${most}) as affected, affected.count > ${most} as "isMoreAffected",
          i.first_seen_at as "firstSeenAt", i.last_seen_at as "lastSeenAt", i.last_run_id as "lastRunId", i.seen_id as "seenId",
          i.changed_by_label as "changedBy", i.changed_at as "changedAt", i.ignored_until as "ignoredUntil",
          i.ignored_until_count as "ignoredUntilCount", i.returned, trend.days,
          coalesce(s.error_message, r.error_message) as "lastError", r.message_id as "lastMessageId", r.work_order_id as "lastWorkOrderId"
        from (select * from issues i ${which}) i
        left join runs r on r.id = i.last_run_id and r.project_id = ${project}
        left join steps s on s.id = i.last_step_id and s.project_id = ${project}
        left join workflows w on w.id = i.workflow_id and w.project_id = ${project} and w.deleted_at is null
        cross join lateral (
          select count(*)::int as count from (
            /* checked: the issue is the project's */ select 1 from issue_orders o where o.issue_id = i.id and o.healed_at is null limit ${most + 1}
          ) counted
        ) affected
        cross join lateral (
          /* checked: the issue is the project's */ select jsonb_object_agg(d.day, d.count) as days from issue_days d
          where d.issue_id = i.id and d.day > (now() at time zone 'UTC')::date - ${trendDays}::int
        ) trend
        order by i.seen_id desc`,
  );
  const mask = await maskFor(ctx);
  const subjectOf = ({ lastMessageId, lastWorkOrderId }: Stored) => ({
    messageId: lastMessageId,
    workOrderId: lastWorkOrderId,
  });
  const veilOf = mask && (await mask.veils(found.map(subjectOf)));
  return found.map((row) => {
    const { seenId, lastMessageId: _m, lastWorkOrderId: _o, lastError, days, ...one } = row;
    const veil = veilOf?.(subjectOf(row));
    const issue = {
      ...one,
      ...(veil
        ? { title: veiledTitle(veil, one.title, lastError), errorType: veil.text(one.errorType) }
        : {}),
      trend: trendOf(days ?? {}, new Date()),
      firstSeenAt: iso(one.firstSeenAt),
      lastSeenAt: iso(one.lastSeenAt),
      changedAt: iso(one.changedAt),
      ignoredUntil: isoOrNull(one.ignoredUntil),
    };
    return { issue, seenId };
  });
}

/**
 * A title without what is masked. Folding takes parts out of what it is made of, so it is made again, of the newest message
 * behind its veil.
 */
function veiledTitle(veil: Veil, title: string, lastError: string | null): string {
  if (title === "" || title === otherTitle) return title;
  return lastError === null ? masked : fold(veil.text(lastError.slice(0, foldedChars)));
}

function trendOf(days: Record<string, number>, today: Date): number[] {
  return Array.from({ length: trendDays }, (_, place) => {
    const day = new Date(today.getTime() - (trendDays - 1 - place) * 86_400_000);
    return days[day.toISOString().slice(0, 10)] ?? 0;
  });
}
