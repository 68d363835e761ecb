import type { Sql } from "@/db/client";
import { sqlJson } from "@/lib/sql-json";
import { type FunctionIndex, recordEvents } from "./ingest";
import { completeEvent } from "./protocol";
import { type Outcome, RunEdit } from "./run-edit";
import { type LockedRun, type RunRow, triggerOf } from "./state";

export type Core = { schema: string; index: FunctionIndex };
/** A claimed item as proof that the caller may speak for the run. `keep` leaves it in the queue. */
export type Claim = { id: string; gen: number; owner: string; keep?: boolean };

/**
 * Locks a running run, changes it and writes the change with the events that follow from it. False when the run is over
 * or the claim is void: then nothing was written.
 */
export async function editRun(
  sql: Sql,
  core: Core,
  runId: string,
  claim: Claim | null,
  change: (edit: RunEdit) => void,
): Promise<boolean> {
  const [row] = await sql.query<{ run: LockedRun | null }>(
    `select ${core.schema}.take($1, $2, $3, $4, $5) as run`,
    [runId, claim?.id ?? null, claim?.gen ?? null, claim?.owner ?? null, claim?.keep ?? false],
    `${core.schema}.take`,
  );
  if (!row?.run) return false;
  const edit = new RunEdit(row.run);
  change(edit);
  await sql.query(`select ${core.schema}.save($1)`, [sqlJson(edit.toJson())], `${core.schema}.save`);
  if (edit.outcome) await afterEnd(sql, core, edit.run, edit.outcome);
  return true;
}

async function afterEnd(
  sql: Sql,
  core: Core,
  run: RunRow,
  { status, output, error }: Outcome,
): Promise<void> {
  const trigger = triggerOf(run);
  if (trigger.name.startsWith("inngest/function.")) return;
  const names = [
    "inngest/function.finished",
    ...(status === "completed" ? [] : [`inngest/function.${status}`]),
  ];
  const data = {
    function_id: run.fn,
    run_id: run.id,
    event: trigger,
    events: run.events,
    ...(error ? { error } : { result: output }),
  };
  const events = names
    .filter((name) => core.index.listensTo(name))
    .map((name) => completeEvent({ id: `${name.slice("inngest/function.".length)}-${run.id}`, name, data }));
  if (events.length > 0) await recordEvents(sql, core.schema, core.index, events);
}
