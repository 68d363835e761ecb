import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { refuseGrowth } from "@/lib/limits";

/** What all workflows of a project have together, by the limit that bounds it. */
export type Totals = Record<(typeof counted)[number], number>;

const counted = [
  "workflows",
  "projectJobs",
  "projectTriggers",
  "projectCrons",
  "projectFilters",
  "projectFilterBytes",
  "projectFilterItems",
  "projectCode",
] as const;

export const nothing: Totals = {
  workflows: 0,
  projectJobs: 0,
  projectTriggers: 0,
  projectCrons: 0,
  projectFilters: 0,
  projectFilterBytes: 0,
  projectFilterItems: 0,
  projectCode: 0,
};

/** Counts what a project has. No code and no filter is read for it, only how long they are. */
export async function totalsOf(tx: Db, projectId: string): Promise<Totals> {
  const [found] = await rows<Totals>(
    tx,
    sql`with w as (select id from workflows where project_id = ${projectId} and deleted_at is null)
        select w.n as workflows, j.n as "projectJobs", j.bytes as "projectCode", t.n as "projectTriggers",
          t.crons as "projectCrons", t.filters as "projectFilters", t.bytes as "projectFilterBytes", t.items as "projectFilterItems"
        from (select count(*)::int as n from w) w,
          (select count(*)::int as n, coalesce(sum(octet_length(body)), 0)::int as bytes
           from jobs where project_id = ${projectId} and workflow_id in (select id from w)) j,
          (select count(*)::int as n, (count(*) filter (where type = 'cron'))::int as crons,
             (count(*) filter (where type = 'message_filter'))::int as filters,
             coalesce(sum(filter_bytes), 0)::int as bytes, coalesce(sum(filter_items), 0)::int as items
           from triggers where project_id = ${projectId} and workflow_id in (select id from w)) t`,
  );
  if (!found) throw new Error("Counting gives a row.");
  return found;
}

/** Throws `invalid` when a project has more than it may, and more than before. */
export function refuseGrownTotals(after: Totals, before: Totals): void {
  for (const name of counted) refuseGrowth(name, after[name], before[name], "The project");
}
