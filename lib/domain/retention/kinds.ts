import type { Sql } from "@/db/client";
import type { RetentionKind, WipedFor } from "@/lib/words";
import { runSetInfo } from "@/lib/workflow/outcome";
import { isUnfinished } from "@/lib/workflow/states";
import type { Cuts } from "./cuts";
import { deleteMessages, deleteOrders, lockOrders } from "./delete-orders";
import { isLogGone } from "./gone-logs";
import { clockStates, hasBulkActs, isHeldByBulk } from "./held";
import {
  bodyWeight,
  logsWeight,
  logWeight,
  messageWeight,
  orderWeight,
  outputsWeight,
  stateWeight,
  within,
} from "./weight";
import {
  lockMessages,
  lockStates,
  type Wiping,
  wipeLines,
  wipeLockedStates,
  wipeMessages,
  wipeRunErrors,
  wipeSteps,
} from "./wipe";

/** Some rows of a project whose time may have come, in a transaction. */
export type Batch = {
  projectId: string;
  ids: string[];
  cuts: Cuts;
  why: WipedFor;
  at: Date;
  /** What it may weigh (weight.ts). Of what weighs more, some goes, and the rest later. */
  most: number;
};

/** What retention walks through: rows of a table by their project and id, and what is done with some of them. */
export type Kind = {
  /** Over `$1` (project), `$2` (ids are greater), `$3` (and smaller): SQL for the next rows, `id` and whether `isOpen`. */
  table: string;
  /** SQL over the row `t`: there may be something to take away. */
  isOpen: string;
  /** SQL over the row `t`: what weighs that may be taken away with it. */
  weight: string;
  /**
   * Takes away what is over. Returns what was left, and is to be looked at again: what has not ended, is in use, or is kept
   * for longer than successes are. `more` of it could go at once: it was too much for one transaction.
   */
  take(sql: Sql, batch: Batch): Promise<{ left: string[]; more?: string[] }>;
};

const unsuccessful = (alias: string) => runSetInfo.unsuccessful.sql((name) => `${alias}.${name}`);

/** SQL over a work order's alias: it is over, by `$3` to `$5` (cuts), and so old. */
const isDue = (alias: string): string =>
  `case when ${isUnfinished(`${alias}.state`)} then false
     when ${alias}.state = 'rejected' then ${alias}.id < $5::uuid
     when ${unsuccessful(alias)} then ${alias}.id < $4::uuid else ${alias}.id < $3::uuid end`;

/** SQL over a state's id: a work order but `but` begins with it that is not over. */
const isWanted = (stateId: string, but = "null::uuid"): string =>
  `exists (select 1 from work_orders u where u.dataclip_id = ${stateId} and u.project_id is not distinct from $1::uuid
    and u.id is distinct from ${but} and not (${isDue("u")}))`;

type Verdict = { id: string; isDue: boolean };

/** Splits what was looked at: `due`, and the rest, with what somebody holds. */
function split(ids: readonly string[], verdicts: readonly Verdict[]): { due: string[]; left: string[] } {
  const due = verdicts.filter((verdict) => verdict.isDue).map(({ id }) => id);
  const isGoing = new Set(due);
  return { due, left: ids.filter((id) => !isGoing.has(id)) };
}

const valuesOf = ({ projectId, cuts }: Batch, ids: readonly string[]) => [
  projectId,
  ids,
  cuts.success,
  cuts.failure,
  cuts.unused,
];

/** Asked only where there is such an act: its condition looks through runs. */
const heldIf = (hasActs: boolean, messageId: string, orderId: string): string =>
  hasActs ? isHeldByBulk(messageId, orderId) : "false";

const ordersOf =
  "from work_orders o where o.message_id = m.id and o.project_id is not distinct from $1::uuid";

/** SQL over a message `m`, `$1` (the project) and `$3` to `$5` (cuts). `held`: SQL for what keeps it besides. */
export const isDueMessage = (held = "false"): string => `/* checked: the message is the project's */ case
  when exists (select 1 ${ordersOf} and ${isUnfinished("o.state")}) then false
  when ${held} then false
  when m.source = 'test' then m.id < $4::uuid
  when not exists (select 1 ${ordersOf}) or exists (select 1 ${ordersOf} and o.state = 'rejected') then m.id < $5::uuid
  when exists (select 1 ${ordersOf} and ${unsuccessful("o")}) then m.id < $4::uuid
  else m.id < $3::uuid end`;

const messages: Kind = {
  table: "messages",
  isOpen: "t.wiped_at is null",
  weight: bodyWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, why, at } = batch;
    const locked = await lockMessages(sql, projectId, ids);
    const held = heldIf(await hasBulkActs(sql, projectId), "m.id", "null::uuid");
    const verdicts = await sql.query<Verdict>(
      `select m.id, ${isDueMessage(held)} as "isDue" from messages m where m.project_id = $1::uuid and m.id = any($2::uuid[])`,
      valuesOf(batch, locked),
    );
    const { due, left } = split(ids, verdicts);
    const wiped = new Set(await wipeMessages(sql, { projectId, why, at }, due));
    return { left: [...left, ...due.filter((id) => !wiped.has(id))] };
  },
};

/** SQL over a run `r` of a work order `o`: it is over, and by its own id so old; over SQL for two cuts. */
export const isDueRun = ({ success, failure } = { success: "$3", failure: "$4" }): string =>
  `(not (${isUnfinished("r.state")}) and not (${isUnfinished("o.state")})
    and r.id < case when ${unsuccessful("o")} then ${failure}::uuid else ${success}::uuid end)`;

type StepRow = {
  id: string | null;
  stateWeight: number;
  logWeight: number;
  runId: string;
  workflowId: string;
  outputId: string | null;
  isDue: boolean;
};

/** Steps of the runs, and whether the work order of each is over: in these parts a run's id says how old they are. */
const stepsOf = (sql: Sql, batch: Batch, hasActs: boolean): Promise<StepRow[]> =>
  sql.query<StepRow>(
    `select s.id, r.id as "runId", r.workflow_id as "workflowId", s.output_dataclip_id as "outputId",
       coalesce(${stateWeight("d")}, 0)::float8 as "stateWeight", coalesce(${logWeight("s")}, 0)::float8 as "logWeight",
       ${isDueRun()} and not ${heldIf(hasActs, "r.message_id", "o.id")} and $5::uuid is not null as "isDue"
     from runs r join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
     left join steps s on s.run_id = r.id and s.project_id = r.project_id
     left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
     where r.project_id = $1::uuid and r.id = any($2::uuid[])`,
    valuesOf(batch, batch.ids),
  );

const outputs: Kind = {
  table: "runs",
  isOpen: `exists (select 1 from steps s left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
    where s.run_id = t.id and s.project_id = t.project_id and (d.id is not null and d.wiped_at is null and d.name is null
      or s.reply_body is not null and (d.id is null or d.wiped_at is not null)))`,
  weight: outputsWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, why, at, most } = batch;
    // What is locked cannot be begun with, so that what is read afterwards holds.
    const locked = new Set(await lockOutputs(sql, batch));
    const steps = await stepsOf(sql, batch, await hasBulkActs(sql, projectId));
    const free = await freeStates(sql, batch, steps);
    const going = steps.filter(({ isDue, outputId }) => isDue && (!outputId || free.has(outputId)));
    const gone = await wipeSteps(sql, { projectId, why, at }, firstIds(going, "stateWeight", most), {
      logs: false,
      locked,
    });
    const left = await stillOpen(sql, outputs, projectId, idsOfWaiting(steps, gone, ids));
    return leftOf(left, going, gone);
  },
};

/** Locks what steps returned whose time is over. Returns the ids of those that nobody else holds. */
async function lockOutputs(sql: Sql, batch: Batch): Promise<string[]> {
  const [projectId, ids, success, failure] = valuesOf(batch, batch.ids);
  const found = await sql.query<{ id: string }>(
    `select d.id from dataclips d where d.project_id = $1::uuid and d.wiped_at is null and d.name is null and d.id = any(array(
       select s.output_dataclip_id from runs r join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
       join steps s on s.run_id = r.id and s.project_id = r.project_id
       where r.project_id = $1::uuid and r.id = any($2::uuid[]) and s.output_dataclip_id is not null and ${isDueRun()}))
     order by d.id for no key update skip locked`,
    [projectId, ids, success, failure],
  );
  return found.map(({ id }) => id);
}

/** Of runs those with a step that is not due, or of which nothing went. */
function idsOfWaiting(steps: readonly StepRow[], gone: readonly string[], ids: readonly string[]): string[] {
  const done = new Set(gone);
  const waiting = steps.filter(({ id, isDue }) => !isDue || (id !== null && !done.has(id)));
  const left = new Set(waiting.map(({ runId }) => runId));
  return ids.filter((id) => left.has(id));
}

/** Of steps the first ones, as many as may go at once. */
const firstIds = (steps: readonly StepRow[], of: "stateWeight" | "logWeight", most: number): string[] =>
  within(
    steps.map((step) => ({ id: step.id, weight: step[of] })),
    most,
  ).flatMap(({ id }) => id ?? []);

/** Where something went and more could have, that is done next. */
function leftOf(left: string[], going: readonly Pick<StepRow, "id" | "runId">[], gone: readonly string[]) {
  const done = new Set(gone);
  const rest = new Set(going.filter(({ id }) => id && !done.has(id)).map(({ runId }) => runId));
  return { left, more: gone.length > 0 ? left.filter((id) => rest.has(id)) : [] };
}

/** The outputs that no other work order wants, nor the clock. */
async function freeStates(sql: Sql, batch: Batch, steps: StepRow[]): Promise<Set<string>> {
  const found = steps.filter(({ isDue }) => isDue);
  const outputIds = found.flatMap(({ outputId }) => outputId ?? []);
  if (outputIds.length === 0) return new Set();
  const states = new Set(
    await clockStates(sql, batch.projectId, [...new Set(found.map(({ workflowId }) => workflowId))]),
  );
  const wanted = await sql.query<{ id: string }>(
    `select d.id from dataclips d where d.project_id = $1::uuid and d.id = any($2::uuid[]) and not (${isWanted("d.id")})`,
    valuesOf(batch, outputIds),
  );
  return new Set(wanted.map(({ id }) => id).filter((id) => !states.has(id)));
}

/** Those of which something is there still that may go. */
async function stillOpen(
  sql: Sql,
  { table, isOpen }: Kind,
  projectId: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await sql.query<{ id: string }>(
    `select t.id from ${table} t where t.project_id = $1::uuid and t.id = any($2::uuid[]) and ${isOpen}`,
    [projectId, ids],
  );
  return rows.map(({ id }) => id);
}

const inputs: Kind = {
  table: "dataclips",
  isOpen: "t.wiped_at is null and t.name is null and t.type <> 'step_result'",
  weight: stateWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, why, at } = batch;
    const locked = await lockStates(sql, projectId, ids);
    const held = heldIf(await hasBulkActs(sql, projectId), "w.message_id", "w.id");
    const users =
      "from work_orders w where w.dataclip_id = d.id and w.project_id is not distinct from $1::uuid";
    const verdicts = await sql.query<Verdict>(
      `select d.id, case when not exists (select 1 ${users}) then d.id < $3::uuid
           else not (${isWanted("d.id")}) and not exists (select 1 ${users} and ${held}) end as "isDue"
       from dataclips d where d.project_id = $1::uuid and d.id = any($2::uuid[])`,
      valuesOf(batch, locked),
    );
    const { due, left } = split(ids, verdicts);
    const wiped = new Set(await wipeLockedStates(sql, { projectId, why, at }, due));
    return { left: [...left, ...due.filter((id) => !wiped.has(id))] };
  },
};

/** What has gone as a whole (whole.ts) is opened for what errors say: that stands in rows of their own. */
const logs: Kind = {
  table: "runs",
  isOpen: `(t.error_message is not null or exists (
    select 1 from steps s where s.run_id = t.id and s.project_id = t.project_id and s.wiped_at is null
      and (s.error_message is not null or s.error is not null or s.attempt > 1 or not ${isLogGone("s")})))`,
  weight: logsWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, why, at, most } = batch;
    const steps = await stepsOf(sql, batch, false);
    const due = steps.filter((step) => step.isDue);
    const wiped = await wipeSteps(sql, { projectId, why, at }, firstIds(due, "logWeight", most), {
      outputs: false,
    });
    await wipeRunErrors(sql, projectId, [...new Set(due.map(({ runId }) => runId))]);
    const left = await stillOpen(sql, logs, projectId, idsOfWaiting(steps, wiped, ids));
    return leftOf(left, due, wiped);
  },
};

/** SQL for the steps `s` of a run that have lines still. */
const withLines = (runId: string, projectId: string): string =>
  `/* checked: of the run */ from steps s cross join lateral (select 1 from log_lines l where l.step_id = s.id limit 1) l
   where s.run_id = ${runId} and s.project_id = ${projectId} and s.wiped_at is null`;

/** Lines that are out of sight, and did not go with their partition. */
const lines: Kind = {
  table: "runs",
  isOpen: `exists (select 1 ${withLines("t.id", "t.project_id")})`,
  weight: logsWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, at, most } = batch;
    const gone = await sql.query<{ id: string; weight: number; runId: string }>(
      `select s.id, s.weight, r.id as "runId" from unnest($2::uuid[]) r (id)
       cross join lateral (select s.id, (${logWeight("s")})::float8 as weight ${withLines("r.id", "$1")} and ${isLogGone("s")} offset 0) s`,
      [projectId, ids],
    );
    const deleted = await wipeLines(
      sql,
      { projectId, at },
      within(gone, most).map(({ id }) => id),
    );
    return leftOf(await stillOpen(sql, lines, projectId, ids), gone, deleted);
  },
};

/** A work order is over when nothing has happened to it for so long; `$3` is the cut as a moment's first id. */
const orders: Kind = {
  table: "work_orders",
  isOpen: "true",
  weight: orderWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, at, cuts, most } = batch;
    const locked = await lockOrders(sql, projectId, ids);
    const held = heldIf(await hasBulkActs(sql, projectId), "o.message_id", "o.id");
    const since = "moment_of($3::uuid)";
    const found = await sql.query<
      Verdict & { workflowId: string; messageId: string | null; outputs: string[] | null }
    >(
      `select o.id, o.workflow_id as "workflowId", o.message_id as "messageId", s.outputs,
         o.last_activity < ${since} and not ${held} and not exists (
           select 1 from work_orders u where u.dataclip_id = any(s.outputs) and u.project_id is not distinct from $1::uuid
             and u.id <> o.id and (${isUnfinished("u.state")} or u.last_activity >= ${since})) as "isDue"
       from work_orders o cross join lateral (
         select array_agg(s.output_dataclip_id) as outputs from runs r join steps s on s.run_id = r.id and s.project_id = r.project_id
         where r.work_order_id = o.id and r.project_id = $1::uuid and s.output_dataclip_id is not null) s
       where o.project_id = $1::uuid and o.id = any($2::uuid[])`,
      [projectId, locked, cuts.success],
    );
    const states = new Set(
      await clockStates(sql, projectId, [...new Set(found.map((one) => one.workflowId))]),
    );
    const verdicts = found.map(({ id, isDue, outputs }) => ({
      id,
      isDue: isDue && !(outputs ?? []).some((output) => states.has(output)),
    }));
    const { due, left } = split(ids, verdicts);
    // Others are within the weight: this one alone may be more.
    if (due.length === 1 && (await lighten(sql, { projectId, why: "retention", at }, due, most)))
      return { left: [...left, ...due], more: due };
    const gone = new Set(await deleteOrders(sql, { projectId, at }, due));
    const messageIds = found.flatMap(({ id, messageId }) => (gone.has(id) && messageId ? [messageId] : []));
    // Those that came later than they count go with the messages' own walk.
    const old = [...new Set(messageIds)].filter((id) => id < cuts.success);
    await deleteMessages(sql, { projectId, at }, old);
    return { left: [...left, ...due.filter((id) => !gone.has(id))] };
  },
};

/**
 * Of a work order that is too much for one transaction, what some of its steps returned and logged goes first. Returns whether
 * something did.
 */
async function lighten(sql: Sql, wiping: Wiping, orderIds: string[], most: number): Promise<boolean> {
  const steps = await sql.query<{ id: string; weight: number }>(
    `select s.id, (${logWeight("s")} + coalesce(${stateWeight("d")}, 0))::float8 as weight
     from runs r join steps s on s.run_id = r.id and s.project_id = r.project_id
     left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
     where r.work_order_id = any($2::uuid[]) and r.project_id = $1::uuid order by s.id`,
    [wiping.projectId, orderIds],
  );
  const heavy = steps.filter(({ weight }) => weight > 1);
  if (heavy.reduce((sum, { weight }) => sum + weight, 0) <= most) return false;
  const ids = within(heavy, most).map(({ id }) => id);
  return (await wipeSteps(sql, wiping, ids)).length > 0;
}

/** Messages of which no work order is left, or never was one. */
const unmatched: Kind = {
  table: "messages",
  isOpen: "true",
  weight: messageWeight("t"),
  async take(sql, batch) {
    const { projectId, ids, at } = batch;
    const held = heldIf(await hasBulkActs(sql, projectId), "m.id", "null::uuid");
    const free = await sql.query<{ id: string }>(
      `select m.id from messages m where m.project_id = $1::uuid and m.id = any($2::uuid[]) and not ${held}`,
      [projectId, ids],
    );
    const gone = new Set(
      await deleteMessages(
        sql,
        { projectId, at },
        free.map(({ id }) => id),
      ),
    );
    return { left: ids.filter((id) => !gone.has(id)) };
  },
};

export const kinds: Record<RetentionKind, Kind> = {
  messages,
  outputs,
  inputs,
  logs,
  lines,
  orders,
  unmatched,
};
