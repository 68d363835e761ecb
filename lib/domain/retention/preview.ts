import { z } from "zod";
import { queryOf } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { heavyRead } from "@/lib/domain/heavy-read";
import { firstIdAt } from "@/lib/domain/id-range";
import { requirePermission } from "@/lib/domain/permissions";
import { cutsOf, endOf } from "./cuts";
import { isLogGone } from "./gone-logs";
import { isDueMessage, isDueRun } from "./kinds";
import { graceMinutes, retentionUpdate } from "./settings";

/** Rows that are looked at, from the newest that would be over: of messages and work orders, and of runs with their steps. */
const mostRows = 100_000;
const mostRuns = 25_000;

export const retentionPreviewInput = retentionUpdate.omit({ basedOn: true });

const counted = { isMore: z.boolean().meta({ description: "There is more: not everything was looked at." }) };

/** What a setting would take away at once. What is in use when it is its turn stays, and is counted here all the same. */
export const retentionPreview = z
  .strictObject({
    messages: z.strictObject({ count: z.int(), bytes: z.number(), ...counted }),
    states: z
      .strictObject({ count: z.int(), bytes: z.number(), ...counted })
      .meta({ description: "What steps returned." }),
    logs: z.strictObject({ steps: z.int(), lines: z.number(), ...counted }),
    history: z.strictObject({ workOrders: z.int(), ...counted }),
    firstRunAt: moment.meta({ description: "When the first of it would go, if it were saved now." }),
  })
  .meta({ id: "RetentionPreview" });
export type RetentionPreview = z.infer<typeof retentionPreview>;

/** What a setting would take away at once, counted up to a bound. Changes nothing. Throws `limit` while others count. */
export async function previewRetention(
  ctx: Context,
  input: z.input<typeof retentionPreviewInput>,
  now = new Date(),
): Promise<RetentionPreview> {
  requirePermission(ctx, "project.update");
  const cuts = cutsOf(retentionPreviewInput.parse(input), { now, settled: firstIdAt(now) });
  const project = ctx.project.id;
  const query = queryOf(ctx.db);
  const count = async () => {
    const { success, failure, unused } = cuts.messages;
    const [messages] = await query<RetentionPreview["messages"]>(ofMessages, [
      ...[project, endOf(cuts.messages), success, failure, unused],
    ]);
    const [states, logs] = [cuts.outputs, cuts.logs];
    const end = [endOf(states), endOf(logs)].sort()[1];
    const [runs] = await query<RunCounts>(ofRuns, [
      ...[project, end, states.success, states.failure, logs.success, logs.failure],
    ]);
    const [history] = await query<RetentionPreview["history"]>(ofHistory, [project, cuts.orders.success]);
    return { messages, runs, history };
  };
  const { messages, runs, history } = await heavyRead(project, count);
  if (!messages || !runs || !history) throw new Error("Nothing was counted.");
  const { isMore } = runs;
  return {
    messages,
    states: { count: runs.states, bytes: runs.bytes, isMore: isMore && runs.states > 0 },
    logs: { steps: runs.logs, lines: runs.lines, isMore: isMore && runs.logs > 0 },
    history,
    firstRunAt: new Date(now.getTime() + graceMinutes * 60_000).toISOString(),
  };
}

type RunCounts = { states: number; bytes: number; logs: number; lines: number; isMore: boolean };

/** SQL for the newest rows of the project `$1` below the id `$2`, and one more than is looked at. */
const newest = (table: string, columns: string, most: number): string =>
  `select ${columns} from ${table} t where (t.project_id, t.id) >= ($1::uuid, '00000000-0000-0000-0000-000000000000')
     and (t.project_id, t.id) < ($1::uuid, $2::uuid) order by t.project_id desc, t.id desc limit ${most + 1}`;

const ofMessages = `
with page as materialized (${newest("messages", "t.id, t.size, t.wiped_at, t.source", mostRows)}),
due as (select m.size from (select * from page limit ${mostRows}) m where m.wiped_at is null and ${isDueMessage()})
select count(*)::int as count, coalesce(sum(size), 0)::float8 as bytes,
  (select count(*) > ${mostRows} from page) and count(*) > 0 as "isMore" from due`;

const ofRuns = `
with page as materialized (${newest("runs", "t.id, t.project_id, t.state, t.work_order_id", mostRuns)}),
found as (
  select s.log_lines, s.wiped_at is null and not ${isLogGone("s")} as has_log, d.size, d.id as state_id, d.wiped_at as state_wiped_at, d.name,
    ${isDueRun()} as "isState", ${isDueRun({ success: "$5", failure: "$6" })} as "isLog"
  from (select * from page limit ${mostRuns}) r
  join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
  join steps s on s.run_id = r.id and s.project_id = r.project_id
  left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
)
select count(*) filter (where of_state)::int as states, coalesce(sum(size) filter (where of_state), 0)::float8 as bytes,
  count(*) filter (where of_log)::int as logs, coalesce(sum(log_lines) filter (where of_log), 0)::float8 as lines,
  (select count(*) > ${mostRuns} from page) as "isMore"
from (select *, "isState" and state_id is not null and state_wiped_at is null and name is null
    and row_number() over (partition by state_id) = 1 as of_state,
  "isLog" and has_log as of_log from found) f`;

const ofHistory = `
with page as materialized (${newest("work_orders", "t.id, t.state, t.last_activity", mostRows)}),
due as (select 1 from (select * from page limit ${mostRows}) o
  where o.state not in ('pending', 'running') and o.last_activity < moment_of($2::uuid))
select count(*)::int as "workOrders", (select count(*) > ${mostRows} from page) and count(*) > 0 as "isMore" from due`;
