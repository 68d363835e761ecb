import { limits } from "@/lib/limits";
import type { RunState } from "@/lib/words";
import { isUnfinished } from "@/lib/workflow/states";

/** A run that has ended, and what its sender is to be answered. */
export type EndedRun = {
  id: string;
  state: RunState;
  errorType: string | null;
  createdAt: Date | string;
  startedAt: Date | string | null;
  finishedAt: Date | string | null;
  /** The status that its jobs said to answer, the last one that said something (`steps.reply_status`); null: none. */
  replyStatus: number | null;
  /** They said a body (`steps.reply_body`): it is the answer's data. Otherwise that is the final state of a success. */
  isSaid: boolean;
  /** The data, JSON text, as it may be shown; null where there is none, or it has more bytes than were asked for. */
  data: string | null;
  /** Its bytes, and whether some of it is not kept. */
  bytes: number;
  isGone: boolean;
};

const isLeaf = "coalesce(s.taken_edges, '[]') = '[]'";

/**
 * Those of these runs ($1) that have ended, with the data to answer: what a job said, else of a success its final state, one
 * leaf's output, or a map of several by job id, as `lastFinalState` has it for the clock. $2: the most bytes of it. Sizes are
 * known without reading what is large, and it is read only where it is few bytes enough. Each row is looked up by the id in the
 * one before, whatever the statistics say.
 */
export const repliesStatement = `
select r.id, r.state, r.error_type as "errorType", r.created_at as "createdAt", r.started_at as "startedAt",
  r.finished_at as "finishedAt", said.reply_status as "replyStatus", coalesce(said.bytes, 0) > 0 as "isSaid",
  least(coalesce(nullif(said.bytes, 0), leaves.bytes, 0), 2147483647)::int as bytes, coalesce(leaves.is_gone, false) as "isGone",
  case when said.bytes > 0 then case when said.bytes <= $2::int then said.reply_body end
    when leaves.bytes <= $2::int and not leaves.is_gone then
      case leaves.count when 0 then '{}' when 1 then leaves.one else '{' || leaves.many || '}' end end as data
from (select unnest(ids) as id from (select $1::uuid[] as ids offset 0) lists) asked
cross join lateral (
  /* checked: of runs that the inbox statement has made, or named to whoever sent their message */
  select * from runs r where r.id = asked.id and not (${isUnfinished("r.state")}) limit 1
) r
left join lateral (
  select reply_status, reply_body, octet_length(reply_body) as bytes from steps s
  where s.run_id = r.id and s.project_id = r.project_id and s.reply_body is not null order by s.ordinal desc limit 1
) said on true
left join lateral (
  select count(*) as count, coalesce(max(total), 0) as bytes, coalesce(bool_or(body is null), false) as is_gone,
    max(body) filter (where leaf_count = 1 and total <= $2::int) as one,
    string_agg('"' || job_id || case when times > 0 then '-' || times else '' end || '":' || body, ',' order by ordinal)
      filter (where leaf_count > 1 and total <= $2::int) as many
  from (
    select s.job_id, s.times, s.ordinal, d.body, count(*) over () as leaf_count, sum(octet_length(d.body)) over () as total
    from (
      select *, row_number() over (partition by job_id order by ordinal) - 1 as times from steps
      where run_id = r.id and project_id = r.project_id
    ) s
    join lateral (
      select * from dataclips d where d.id = s.output_dataclip_id and d.project_id = s.project_id limit 1
    ) d on true
    where ${isLeaf}
  ) leaf
) leaves on r.state = 'success' and coalesce(said.bytes, 0) = 0`;

/** What one answer holds at most: as much as is kept of one result. */
export const maxAnswerBytes = limits.keptStateBytes;
