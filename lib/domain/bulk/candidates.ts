import { type SQL, sql } from "drizzle-orm";
import { rowByRow } from "@/db/keyset";
import { queryOf, rows } from "@/db/rows";
import { statement } from "@/db/statement";
import { matchableText } from "@/lib/body/stored";
import type { Context } from "@/lib/domain/context";
import { fetchBodies, type Placed } from "@/lib/payloads/read";
import { matched, noRequest } from "@/lib/queue/fragments";
import { sqlJsonText } from "@/lib/sql-json";
import type { BulkReason, RunState } from "@/lib/words";
import { isFinal } from "@/lib/workflow/states";
import type { Act } from "./items";

/** A run that may be queued for an item. Without a work order it opens one. */
export type Candidate = {
  itemId: string;
  messageId: string | null;
  workOrderId: string | null;
  workflowId: string;
  /** The version that ran then; null where none has run. */
  originalId: string | null;
  /** Where it starts: at this trigger, or else at whatever trigger there is; or at this job. */
  triggerId: string | null;
  jobId: string | null;
  dataclipId: string | null;
  /** The run whose steps before the job count as done. */
  lastRunId: string | null;
};

export type Refused = { itemId: string; reason: BulkReason };

/** What items come to before anybody has looked whether it can be done now. Items in neither are passed over. */
export type Found = { candidates: Candidate[]; refused: Refused[] };

/** What an act is about to do: the part of it that candidates are looked up by. */
export type Doing = Pick<
  Act,
  "kind" | "target" | "filter" | "jobId" | "workflowId" | "onOriginal" | "until"
> & {
  isChosen: boolean;
};

/** Looks up what an act would queue for these items of its project; `lost` are messages whose bodies are known not to be there any more. */
export async function findCandidates(
  ctx: Context,
  doing: Doing,
  asked: string[],
  lost: ReadonlySet<string> = new Set(),
): Promise<Found> {
  const ids = asked.filter((id) => !lost.has(id));
  const { candidates, refused } = await candidatesOf(ctx, doing, ids);
  const isLost = ({ messageId }: Candidate) => messageId !== null && lost.has(messageId);
  const itemIds = [
    ...asked.filter((id) => lost.has(id)),
    ...candidates.filter(isLost).map(({ itemId }) => itemId),
  ];
  return {
    candidates: candidates.filter((one) => !isLost(one)),
    refused: [...refused, ...[...new Set(itemIds)].map((itemId): Refused => ({ itemId, reason: "lost" }))],
  };
}

function candidatesOf(ctx: Context, doing: Doing, ids: string[]): Promise<Found> {
  if (ids.length === 0) return Promise.resolve({ candidates: [], refused: [] });
  const { kind, target, jobId } = doing;
  if (kind === "release") return rejectedOrders(ctx, target, ids);
  if (kind === "reprocess") return arriving(ctx, ids);
  if (target === "runs") return ofRuns(ctx, doing, ids);
  if (target === "issue") return ofIssue(ctx, doing, ids);
  return jobId ? fromJob(ctx, jobId, ids) : fromStart(ctx, doing.workflowId, ids);
}

const items = (ids: string[]) => sql`unnest(${sql.param(ids)}::uuid[]) as i (id)`;

type OrderRow = {
  itemId: string;
  isThere: boolean;
  workOrderId: string | null;
  workflowId: string | null;
  originalId: string | null;
  triggerId: string | null;
  dataclipId: string | null;
  messageId: string | null;
};

const orderOf = (o: SQL) =>
  sql`${o}.id as "workOrderId", ${o}.workflow_id as "workflowId", ${o}.snapshot_id as "originalId", ${o}.trigger_id as "triggerId",
    ${o}.dataclip_id as "dataclipId"`;

/** Each workflow that has processed the message once more, as a rerun of one message does it (lib/domain/run/rerun-plan.ts). */
async function fromStart(ctx: Context, workflowId: string | null, ids: string[]): Promise<Found> {
  const project = ctx.project.id;
  const found = await rows<OrderRow & { isLiving: boolean; isTest: boolean }>(
    ctx.db,
    sql`select distinct on (i.id, o.workflow_id) i.id as "itemId", m.id is not null as "isThere", coalesce(m.source = 'test', false) as "isTest", m.id as "messageId", ${orderOf(sql`o`)},
          w.id is not null and w.deleted_at is null as "isLiving"
        from ${items(ids)}
        left join messages m on m.id = i.id and m.project_id = ${project}
        left join lateral (
          select * from work_orders o where o.message_id = m.id and o.project_id is not distinct from ${project}
            ${workflowId ? sql`and o.workflow_id = ${workflowId}::uuid` : sql``} offset 0
        ) o on true
        left join workflows w on w.id = o.workflow_id and w.project_id = ${project}
        order by i.id, o.workflow_id, o.id desc`,
  );
  const candidates: Candidate[] = [];
  const refused: Refused[] = [];
  for (const [itemId, orders] of grouped(found)) {
    const living = orders.filter((order) => order.isLiving);
    if (!orders.some((order) => order.isThere)) refused.push({ itemId, reason: "gone" });
    else if (living.length > 0) candidates.push(...living.flatMap((order) => startOf(order)));
    else if (orders.some((order) => order.isTest) && !orders.some((order) => order.workOrderId))
      refused.push({ itemId, reason: "test" });
    else if (workflowId && !orders.some((order) => order.workOrderId))
      candidates.push({ ...byHand, itemId, messageId: itemId, workflowId });
    else
      refused.push({
        itemId,
        reason: orders.some((order) => order.workOrderId) ? "deleted_workflow" : "unmatched",
      });
  }
  return { candidates, refused };
}

const byHand = {
  workOrderId: null,
  originalId: null,
  triggerId: null,
  jobId: null,
  dataclipId: null,
  lastRunId: null,
} as const;

const startOf = ({ workflowId, isThere: _, ...order }: OrderRow): Candidate[] =>
  workflowId === null
    ? []
    : [
        {
          itemId: order.itemId,
          messageId: order.messageId,
          workOrderId: order.workOrderId,
          workflowId,
          originalId: order.originalId,
          triggerId: order.triggerId,
          jobId: null,
          dataclipId: order.dataclipId,
          lastRunId: null,
        },
      ];

function grouped<T extends { itemId: string }>(found: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of found) groups.set(row.itemId, [...(groups.get(row.itemId) ?? []), row]);
  return groups;
}

type StepRow = OrderRow & { lastRunId: string | null; inputId: string | null };

/** The job on the input that it had last for each message. */
async function fromJob(ctx: Context, jobId: string, ids: string[]): Promise<Found> {
  const project = ctx.project.id;
  const found = await rows<StepRow>(
    ctx.db,
    sql`select i.id as "itemId", m.id is not null as "isThere", m.id as "messageId", ${orderOf(sql`o`)},
          last.run_id as "lastRunId", last.input_id as "inputId"
        from ${items(ids)}
        left join messages m on m.id = i.id and m.project_id = ${project}
        left join lateral (
          select s.run_id, coalesce(s.input_dataclip_id, r.dataclip_id) as input_id, r.work_order_id
          from steps s join runs r on r.id = s.run_id and r.project_id = s.project_id
          where s.message_id = m.id and s.job_id = ${jobId}::uuid and s.project_id = ${project}
          order by s.started_at desc, s.id desc limit 1
        ) last on true
        left join work_orders o on o.id = last.work_order_id and o.project_id = ${project}
        order by i.id`,
  );
  return atJob(found, jobId);
}

function atJob(found: StepRow[], jobId: string): Found {
  const refused: Refused[] = [];
  const candidates = found.flatMap((row): Candidate[] => {
    const { itemId, messageId, workOrderId, workflowId, originalId, inputId, lastRunId } = row;
    if (workflowId && lastRunId)
      return [
        {
          itemId,
          messageId,
          workOrderId,
          workflowId,
          originalId,
          triggerId: null,
          jobId,
          dataclipId: inputId,
          lastRunId,
        },
      ];
    refused.push({ itemId, reason: row.isThere ? "no_step" : "gone" });
    return [];
  });
  return { candidates, refused };
}

type RunRow = StepRow & {
  startingJobId: string | null;
  newerId: string | null;
  newerState: RunState | null;
};

/** Runs once more; of several of one work order the newest counts, unless a person has chosen them. */
async function ofRuns(ctx: Context, { jobId, until, isChosen }: Doing, ids: string[]): Promise<Found> {
  const project = ctx.project.id;
  const found = await rows<RunRow>(
    ctx.db,
    sql`select i.id as "itemId", r.id is not null as "isThere", r.message_id as "messageId", r.work_order_id as "workOrderId",
          r.workflow_id as "workflowId", o.snapshot_id as "originalId", r.starting_trigger_id as "triggerId",
          r.starting_job_id as "startingJobId", r.dataclip_id as "dataclipId", newer.id as "newerId", newer.state as "newerState",
          case when ${jobId}::uuid is null then r.id else step.run_id end as "lastRunId",
          case when ${jobId}::uuid is null then r.dataclip_id else step.input_id end as "inputId"
        from ${items(ids)}
        left join runs r on r.id = i.id and r.project_id = ${project}
        left join work_orders o on o.id = r.work_order_id and o.project_id = ${project}
        left join lateral (
          select n.id, n.state from runs n where n.work_order_id = r.work_order_id and n.project_id = ${project} and n.id > r.id
          order by n.id desc limit 1
        ) newer on true
        left join lateral (
          select r.id as run_id, coalesce(s.input_dataclip_id, s.dataclip_id) as input_id from (
            select s.id, s.started_at, s.input_dataclip_id, r.dataclip_id from steps s
            where s.run_id = r.id and s.project_id = ${project} and s.job_id = ${jobId}::uuid
            union all
            select s.id, s.started_at, s.input_dataclip_id, of.dataclip_id
            from run_steps l join steps s on s.id = l.step_id and s.project_id = ${project}
              join runs of on of.id = s.run_id and of.project_id = s.project_id
            where l.run_id = r.id and ${rowByRow(sql`s.job_id = ${jobId}::uuid`)}
          ) s order by s.started_at desc, s.id desc limit 1
        ) step on true
        order by i.id`,
  );
  const counts = found.filter((row) => isChosen || !isOutdated(row, until));
  if (jobId) return atJob(counts, jobId);
  const refused = counts.flatMap(({ itemId, isThere }): Refused[] =>
    isThere ? [] : [{ itemId, reason: "gone" }],
  );
  const candidates = counts.flatMap((row) =>
    startOf(row).map((start): Candidate => {
      const { startingJobId } = row;
      return startingJobId ? { ...start, jobId: startingJobId, lastRunId: row.lastRunId } : start;
    }),
  );
  return { candidates, refused };
}

/** A later run of its work order is part of the act itself, or has done what was to be done. */
const isOutdated = ({ newerId, newerState }: RunRow, until: string): boolean =>
  newerId !== null &&
  newerState !== null &&
  (newerState === "success" || (isFinal(newerState) && newerId < until));

type AffectedRow = { itemId: string; runId: string | null; newerState: RunState | null };

/**
 * The newest failure of each work order that an issue affects, once more. One that succeeded since then is passed over; one
 * that failed in another way is the other issue's, whose job comes later: what has succeeded is not done again.
 */
async function ofIssue(ctx: Context, doing: Doing, ids: string[]): Promise<Found> {
  const found = await rows<AffectedRow>(
    ctx.db,
    sql`select i.id as "itemId", o.run_id as "runId", newer.state as "newerState"
        from ${items(ids)}
        left join issue_orders o on o.work_order_id = i.id and o.issue_id = ${doing.filter?.issue ?? null}::uuid
          and o.project_id = ${ctx.project.id}
        left join lateral (
          select n.state from runs n where n.work_order_id = i.id and n.project_id = ${ctx.project.id} and n.id > o.run_id
            and ${rowByRow(sql`n.state not in ('pending', 'running', 'cancelled')`)}
          order by n.id desc limit 1
        ) newer on true
        order by i.id`,
  );
  const refused: Refused[] = [];
  const itemOf = new Map<string, string>();
  for (const { itemId, runId, newerState } of found) {
    if (runId === null) refused.push({ itemId, reason: "gone" });
    else if (newerState === null) itemOf.set(runId, itemId);
    else if (newerState !== "success") refused.push({ itemId, reason: "elsewhere" });
  }
  const again = await ofRuns(ctx, { ...doing, isChosen: true }, [...itemOf.keys()].sort());
  const named = <T extends { itemId: string }>(one: T): T => ({
    ...one,
    itemId: itemOf.get(one.itemId) ?? one.itemId,
  });
  return {
    candidates: again.candidates.map(named).sort((a, b) => (a.itemId < b.itemId ? -1 : 1)),
    refused: [...refused, ...again.refused.map(named)],
  };
}

/** Work orders that were rejected, by their own ids or their messages'. */
async function rejectedOrders(ctx: Context, target: Act["target"], ids: string[]): Promise<Found> {
  const project = ctx.project.id;
  const by = target === "messages" ? sql`o.message_id = i.id` : sql`o.id = i.id`;
  const found = await rows<OrderRow>(
    ctx.db,
    sql`select i.id as "itemId", true as "isThere", o.message_id as "messageId", ${orderOf(sql`o`)}
        from ${items(ids)} cross join lateral (
          select * from work_orders o where ${by} and o.project_id is not distinct from ${project} offset 0
        ) o where o.state = 'rejected' order by i.id, o.id`,
  );
  return { candidates: found.flatMap(startOf), refused: [] };
}

type Stored = Parameters<typeof matchableText>[0] & {
  id: string;
  triggerId: string | null;
  isWiped: boolean;
  isTest: boolean;
} & Placed;
type Match = { workflow_id: string; snapshot_id: string; trigger_id: string };

/** What would process the messages if they arrived now: the trigger whose URL they came to, or every filter that takes them. */
async function arriving(ctx: Context, ids: string[]): Promise<Found> {
  const project = ctx.project.id;
  const found = await rows<Stored>(
    ctx.db,
    sql`select m.id, m.trigger_id as "triggerId", m.format, m.body, m.payload, m.reading, m.view::text as view, m.wiped_at is not null as "isWiped",
          m.source = 'test' as "isTest"
        from ${items(ids)} join messages m on m.id = i.id and m.project_id = ${project} order by m.id`,
  );
  const lost = new Set((await fetchBodies(queryOf(ctx.db), project, found)).map(({ row }) => row.id));
  const there = new Set(found.map(({ id }) => id));
  const refused: Refused[] = ids.flatMap((itemId) => (there.has(itemId) ? [] : [{ itemId, reason: "gone" }]));
  const candidates: Candidate[] = [];
  for (const { id, triggerId, isWiped, isTest, ...stored } of found) {
    if (isWiped || isTest) {
      refused.push({ itemId: id, reason: isWiped ? "wiped" : "test" });
      continue;
    }
    if (lost.has(id)) {
      refused.push({ itemId: id, reason: "lost" });
      continue;
    }
    const content = sqlJsonText(await matchableText(stored));
    const matches = await queryOf(ctx.db)<Match>(
      matching.text,
      matching.values({ projectId: project, urlTriggerId: triggerId, content }),
    );
    if (matches.length === 0) refused.push({ itemId: id, reason: triggerId ? "no_trigger" : "unmatched" });
    for (const match of matches)
      candidates.push({
        ...byHand,
        itemId: id,
        messageId: id,
        workflowId: match.workflow_id,
        triggerId: match.trigger_id,
      });
  }
  return { candidates, refused };
}

const matching = statement<{ projectId: string; urlTriggerId: string | null; content: string }>(
  (p) => `
with arriving as (
  select null::uuid as message_id, ${noRequest}, ${p.projectId}::uuid as project_id, t.id as trigger_id, w.id as workflow_id, w.snapshot_id,
    null::text as order_path, false as is_paused
  from (select ${p.urlTriggerId}::uuid as id) called
  left join triggers t on t.id = called.id and t.project_id = ${p.projectId} and t.enabled
  left join workflows w on w.id = t.workflow_id and w.deleted_at is null
  where called.id is null or w.id is not null
),
${matched(`${p.content}::jsonb`)}
select workflow_id, snapshot_id, trigger_id from matched`,
);
