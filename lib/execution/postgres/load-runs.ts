import type { Sql } from "@/db/client";
import type { StoredBody } from "@/lib/body/stored";
import type { StoredRun } from "@/lib/execution/storage";
import { type Placed, withBody } from "@/lib/payloads/read";
import { Refusal } from "@/lib/refusal";
import { GoneError, type StoredState } from "@/lib/state/kept";
import { wipedColumns } from "@/lib/state/wiped";
import { completeGraph } from "@/lib/workflow/complete";
import type { MessageInput } from "@/lib/workflow/message-state";
import { isUnfinished } from "@/lib/workflow/states";
import type { WorkflowGraph } from "@/lib/workflow/types";

type ClipRow = { clipBody: string | null; sealed: string | null; clipSize: number | null } & Omit<
  StoredState,
  "body" | "sealed" | "size"
>;
export type StoredRunRow = Omit<StoredRun, "message" | "clip"> & { isPaused: boolean } & ClipRow & {
    [K in keyof MessageInput]: MessageInput[K] | null;
  } & Pick<Placed, "payload">;

const waitsMs =
  "case when r.cancel_requested_at is null then greatest(0, coalesce(extract(epoch from r.retry_at - clock_timestamp()), 0) * 1000)::float8 else 0 end";

/**
 * SQL for the runs that `asked` names, a relation with id, as `storedRuns` reads them. Each row by the id in the one before,
 * whatever statistics say: `limit` keeps the look-ups in their order.
 */
export const loadSql = (asked: string): string => `
select r.id, r.project_id as "projectId", r.workflow_id as "workflowId", r.work_order_id as "workOrderId", r.message_id as "messageId",
  r.snapshot_id as "snapshotId", r.state <> 'pending' as "hasBegun", ${waitsMs} as "waitsMs", r.epoch, r.priority <> 'normal' as "isAsked", r.asked_again as "askedAgain", r.starting_trigger_id as "startingTriggerId", r.starting_job_id as "startingJobId",
  r.starting_edges as "startingEdges",
  coalesce(r.dataclip_id, case when r.message_id is null then w.dataclip_id end) as "dataclipId",
  d.body as "clipBody", d.sealed, d.size as "clipSize", ${wipedColumns},
  r.state = 'pending' and coalesce(p.paused_at, wf.paused_at) is not null as "isPaused",
  p.egress_allow as "onlyHosts", p.persistence, m.method, m.path, m.query, m.headers, m.format, m.body, m.payload, m.view, m.reading
from ${asked} asked
cross join lateral (select * from runs where id = asked.id limit 1) r
cross join lateral (select * from projects where id = r.project_id limit 1) p
left join lateral (select paused_at from workflows where id = r.workflow_id and project_id = r.project_id limit 1) wf on true
cross join lateral (select * from work_orders w where w.id = r.work_order_id and w.project_id = r.project_id limit 1) w
left join lateral (
  select * from messages m where m.id = r.message_id and m.project_id = r.project_id and r.dataclip_id is null and m.wiped_at is null limit 1
) m on true
left join lateral (
  select * from dataclips d where d.id = coalesce(r.dataclip_id, case when r.message_id is null then w.dataclip_id end)
    and d.project_id = r.project_id limit 1
) d on true
where ${isUnfinished("r.state")} and (r.state <> 'pending' or p.deletion_scheduled_at is null and r.waits_for is null)`;

/** From behind `offset 0`: if PostgreSQL saw how long the list is, it would plan anew for every call. */
const load = loadSql("(select unnest(ids) as id from (select $1::uuid[] as ids offset 0) lists)");

export async function loadRuns(sql: Sql, runIds: string[]): Promise<(StoredRun | null)[]> {
  const rows = await sql.query<StoredRunRow>(load, [runIds], "load-runs");
  const held = await holdRuns(
    sql,
    rows.filter(({ isPaused }) => isPaused),
  );
  const runs = new Map(rows.filter(({ id }) => !held.has(id)).map((row) => [row.id, storedRun(row)]));
  return runIds.map((id) => runs.get(id) ?? null);
}

/** Keeps those whose workflow or project is paused still. Returns their ids. */
async function holdRuns(
  sql: Sql,
  paused: Pick<StoredRunRow, "id" | "projectId" | "workflowId">[],
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (const { id, projectId, workflowId } of paused) {
    const [row] = await sql.query<{ isHeld: boolean }>(
      `select hold_run($1, $2, $3) as "isHeld"`,
      [id, projectId, workflowId],
      "hold-run",
    );
    if (row?.isHeld) held.add(id);
  }
  return held;
}

/** A run from its row. One whose workflow is paused may have to be kept instead: `loadRuns` does that. */
export function storedRun({
  method,
  path,
  query,
  headers,
  format,
  body,
  payload,
  view,
  reading,
  ...row
}: StoredRunRow): StoredRun {
  const isThere = method && path && query && headers && format && body;
  const { clipBody, sealed, clipSize, isWiped, wipedAt, wipedFor, since, isPaused: _, ...run } = row;
  const kept = { body: clipBody, sealed, isWiped, wipedAt, wipedFor, since };
  const clip = clipSize === null ? null : { ...kept, size: clipSize };
  const message = isThere ? { method, path, query, headers, format, body, payload, view, reading } : null;
  return { ...run, clip, message };
}

export async function loadGraph(sql: Sql, projectId: string, snapshotId: string): Promise<WorkflowGraph> {
  const [row] = await sql.query<{ graph: WorkflowGraph }>(
    "select graph from snapshots where id = $1 and project_id = $2",
    [snapshotId, projectId],
    "load-graph",
  );
  if (!row) throw new Error(`Snapshot ${snapshotId} does not exist.`);
  return completeGraph(row.graph);
}

export async function readState(
  sql: Sql,
  projectId: string,
  dataclipId: string,
): Promise<StoredState | null> {
  const [row] = await sql.query<StoredState>(
    `select d.body, d.sealed, d.size, ${wipedColumns} from dataclips d where d.id = $1 and d.project_id = $2`,
    [dataclipId, projectId],
    "read-state",
  );
  return row ?? null;
}

/** A message with its body wherever that lies. Throws `GoneError` when it is not there any more. */
export async function bodyFor<T extends Placed>(sql: Sql, projectId: string, message: T): Promise<T> {
  try {
    return await withBody(sql.query, projectId, message);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") throw new GoneError(error.message);
    throw error;
  }
}

export async function readBody(sql: Sql, projectId: string, messageId: string): Promise<StoredBody | null> {
  const [row] = await sql.query<StoredBody & Placed>(
    "select format, body, payload, reading from messages where id = $1 and project_id = $2 and wiped_at is null",
    [messageId, projectId],
    "read-body",
  );
  return row ? bodyFor(sql, projectId, row) : null;
}
