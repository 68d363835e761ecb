import type { Sql } from "@/db/client";
import { isOfMessageSql } from "@/lib/domain/run/of-message";
import { limits } from "@/lib/limits";
import { withoutMessage } from "@/lib/state/repeated";
import type { WipedFor } from "@/lib/words";
import { isUnfinished } from "@/lib/workflow/states";
import { countGone } from "./gone";

/**
 * What takes things away, for whatever reason. Each takes ids of one project, at most 200, in a transaction of the
 * caller's, and passes over what is unknown, wiped before, held by somebody else or needed by a run that has not ended:
 * rows are locked first and looked at afterwards, and whoever queues a run locks what it begins with
 * (lib/domain/retention/needed.ts), so that of the two one comes second and sees it. Bodies go, ids and numbers stay.
 */

export type Wiping = {
  projectId: string;
  why: WipedFor;
  /** When it is; now by default. */
  at?: Date | undefined;
};

const momentOf = ({ at }: Wiping): string => (at ?? new Date()).toISOString();

/** SQL for "a run of it has not ended", over SQL for a condition on the runs' alias `r`. */
const isNeeded = (of: string): string =>
  `/* checked: by the condition */ exists (select 1 from runs r where ${of} and ${isUnfinished("r.state")})`;

/** SQL for "a work order that has not ended begins with it", over SQL for a state's id. */
export const isAwaitedState = (dataclipId: string, projectId: string): string =>
  `exists (select 1 from work_orders u where u.dataclip_id = ${dataclipId} and u.project_id is not distinct from ${projectId}
    and ${isUnfinished("u.state")})`;

/** Locks messages that say something still. Returns the ids of those that nobody else holds. */
export const lockMessages = (sql: Sql, projectId: string, ids: readonly string[]): Promise<string[]> =>
  idsOf(
    sql,
    `select id from messages where project_id = $1 and id = any($2::uuid[]) and wiped_at is null
     order by id for no key update skip locked`,
    [projectId, ids],
  );

/**
 * Empties messages: what they said, the key of their line, and what the request said that was accepted by hand. Returns
 * the ids of those that it has emptied.
 */
export async function wipeMessages(sql: Sql, wiping: Wiping, ids: readonly string[]): Promise<string[]> {
  const { projectId, why } = wiping;
  const locked = await lockMessages(sql, projectId, ids);
  if (locked.length === 0) return [];
  const wiped = await sql.query<{ id: string; bytes: number }>(
    `with wiped as (
       update messages m set path = '{}', query = '{}', headers = '{}', body = '', payload = null, view = null, reading = null, preview = '',
         wiped_at = $3, wiped_for = $4
       where m.project_id = $1 and m.id = any($2::uuid[]) and m.wiped_at is null
         and not ${isNeeded(isOfMessageSql("r", "m.project_id", "m.id"))}
         and not exists (select 1 from test_runs t where t.message_id = m.id and t.project_id = m.project_id and t.finished_at is null)
       returning m.id, m.size
     ),
     lines as (
       update runs r set order_key = null from wiped
       where ${isOfMessageSql("r", "$1::uuid", "wiped.id")} and r.order_key is not null
     ),
     requests as (
       update refused_requests q set path = '{}', query = '{}', parameters = null, headers = '{}', body = null, preview = '', kept = 0
       from wiped where q.id = wiped.id and q.project_id = $1
     )
     select id, case when id < (select bytes_to from usage_counted) then size else 0 end as bytes from wiped`,
    [projectId, locked, momentOf(wiping), why],
  );
  await countGone(sql, wiping, { messages: wiped.length, bodyBytes: sum(wiped) });
  return wiped.map(({ id }) => id);
}

/** Locks states without a name that are there still. Returns the ids of those that nobody else holds. */
export const lockStates = (sql: Sql, projectId: string, ids: readonly string[]): Promise<string[]> =>
  idsOf(
    sql,
    `select id from dataclips where project_id = $1 and id = any($2::uuid[]) and wiped_at is null and name is null
     order by id for no key update skip locked`,
    [projectId, ids],
  );

/**
 * Wipes stored states without a name. That no run of the work order which they are from needs them is for the caller to
 * say (`wipeSteps` does); what another one begins with stays. Returns the ids of those that it has wiped.
 */
export const wipeStates = async (sql: Sql, wiping: Wiping, ids: readonly string[]): Promise<string[]> =>
  wipeLockedStates(sql, wiping, await lockStates(sql, wiping.projectId, ids));

/** The same of states that the transaction has locked. */
export async function wipeLockedStates(
  sql: Sql,
  wiping: Wiping,
  locked: readonly string[],
): Promise<string[]> {
  const { projectId, why } = wiping;
  if (locked.length === 0) return [];
  const wiped = await sql.query<{ id: string; bytes: number }>(
    `with wiped as (
       update stored_states d set body = null, sealed = null, ${withoutMessage}, wiped_at = $3, wiped_for = $4
       where d.project_id = $1 and d.id = any($2::uuid[]) and d.wiped_at is null and d.name is null
         and not ${isAwaitedState("d.id", "d.project_id")}
       returning d.id, case when d.id < (select bytes_to from usage_counted) and d.size <= $5 then d.size else 0 end as bytes
     ) select id, bytes from wiped`,
    [projectId, locked, momentOf(wiping), why, limits.keptStateBytes],
  );
  await countGone(sql, wiping, { states: wiped.length, stateBytes: sum(wiped) });
  return wiped.map(({ id }) => id);
}

/**
 * What of a step is wiped: what it returned, with what it said to answer its sender; or its log and what its errors say. Of
 * what steps returned, those that are `locked`, where the transaction has locked any.
 */
export type StepParts = { outputs?: boolean; logs?: boolean; locked?: ReadonlySet<string> };

/** Wipes of steps that have ended, with all runs of their work orders. Returns the ids of those of which something went. */
export async function wipeSteps(
  sql: Sql,
  wiping: Wiping,
  stepIds: readonly string[],
  { outputs = true, logs = true, locked }: StepParts = {},
): Promise<string[]> {
  const { projectId } = wiping;
  const steps = await sql.query<{ id: string; outputId: string | null; isTold: boolean }>(
    `select s.id, s.output_dataclip_id as "outputId", s.wiped_at is null as "isTold"
     from steps s where s.project_id = $1 and s.id = any($2::uuid[]) and s.finished_at is not null
     order by s.id for no key update skip locked`,
    [projectId, stepIds],
  );
  const ended = new Set(
    await idsOf(
      sql,
      `select s.id from steps s join runs mine on mine.id = s.run_id and mine.project_id = s.project_id
       where s.project_id = $1 and s.id = any($2::uuid[])
         and not ${isNeeded("r.work_order_id = mine.work_order_id and r.project_id = mine.project_id")}`,
      [projectId, steps.map(({ id }) => id)],
    ),
  );
  const free = steps.filter(({ id }) => ended.has(id));
  const gone = new Set<string>();
  if (outputs) for (const id of await wipeOutputs(sql, wiping, free, locked)) gone.add(id);
  if (logs)
    for (const id of await wipeLogs(
      sql,
      wiping,
      free.filter(({ isTold }) => isTold).map(({ id }) => id),
    ))
      gone.add(id);
  return [...gone];
}

async function wipeOutputs(
  sql: Sql,
  wiping: Wiping,
  steps: { id: string; outputId: string | null }[],
  locked?: ReadonlySet<string>,
): Promise<string[]> {
  const outputs = steps.flatMap(({ outputId }) => outputId ?? []);
  const wiped = new Set(
    locked
      ? await wipeLockedStates(
          sql,
          wiping,
          outputs.filter((id) => locked.has(id)),
        )
      : await wipeStates(sql, wiping, outputs),
  );
  const ids = steps.filter(({ outputId }) => outputId && wiped.has(outputId)).map(({ id }) => id);
  await sql.query(
    `update steps s set reply_body = null, reply_status = null
     where s.project_id = $1 and s.id = any($2::uuid[]) and s.reply_body is not null and not exists (
       select 1 from dataclips d where d.id = s.output_dataclip_id and d.project_id = s.project_id and d.wiped_at is null)`,
    [wiping.projectId, steps.map(({ id }) => id)],
  );
  return ids;
}

async function wipeLogs(sql: Sql, wiping: Wiping, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { projectId, why } = wiping;
  const bytes = await deleteLines(sql, projectId, ids);
  await sql.query(
    `/* checked: of steps of the project, which are locked */ update step_attempts set error_message = null, error = null
     where step_id = any($1::uuid[]) and (error_message is not null or error is not null)`,
    [ids],
  );
  await sql.query(
    `with wiped as (
       update steps set error_message = null, error = null, wiped_at = $3, wiped_for = $4
       where project_id = $1 and id = any($2::uuid[]) returning run_id
     )
     update runs r set error_message = null from (select distinct run_id from wiped) w
     where r.id = w.run_id and r.project_id = $1 and r.error_message is not null`,
    [projectId, ids, momentOf(wiping), why],
  );
  await countGone(sql, wiping, { logs: ids.length, logBytes: bytes });
  return ids;
}

/** Deletes the lines of steps whose logs are out of sight (whole.ts). Returns the ids of the steps, but for those that somebody holds. */
export async function wipeLines(
  sql: Sql,
  of: Omit<Wiping, "why">,
  stepIds: readonly string[],
): Promise<string[]> {
  const { projectId } = of;
  const ids = await idsOf(
    sql,
    `select id from steps where project_id = $1 and id = any($2::uuid[]) and wiped_at is null
     order by id for no key update skip locked`,
    [projectId, stepIds],
  );
  if (ids.length === 0) return [];
  await countGone(sql, of, { logs: ids.length, logBytes: await deleteLines(sql, projectId, ids) });
  return ids;
}

/** Of runs that ended before any step began: what their errors say beyond their types. */
export async function wipeRunErrors(sql: Sql, projectId: string, runIds: readonly string[]): Promise<void> {
  await sql.query(
    `update runs r set error_message = null where r.id = any(array(
       select id from runs o where o.project_id = $1 and o.id = any($2::uuid[]) and o.error_message is not null
         and o.finished_at is not null and not exists (select 1 from steps s where s.run_id = o.id and s.project_id = o.project_id)
       for no key update skip locked))`,
    [projectId, runIds],
  );
}

/** Deletes the lines of steps of the project. Returns how many counted bytes that were. */
async function deleteLines(sql: Sql, projectId: string, stepIds: readonly string[]): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>(
    `with gone as (
       delete from log_lines l using steps s
       where s.id = any($2::uuid[]) and s.project_id = $1 and l.step_id = s.id and l.step_id = any($2::uuid[])
       returning case when s.id < (select bytes_to from usage_counted) then octet_length(l.message) else 0 end as bytes
     ) select coalesce(sum(bytes), 0)::float8 as bytes from gone`,
    [projectId, stepIds],
  );
  return row?.bytes ?? 0;
}

const idsOf = async (sql: Sql, text: string, values: unknown[]): Promise<string[]> =>
  (await sql.query<{ id: string }>(text, values)).map(({ id }) => id);

const sum = (rows: readonly { bytes: number }[]): number =>
  rows.reduce((total, { bytes }) => total + bytes, 0);
