import type { Sql } from "@/db/client";
import { sqlJson } from "@/lib/sql-json";
import { type FunctionIndex, recordEvents, startFunction } from "./ingest";
import { completeEvent, type EngineEvent } from "./protocol";
import { type Outcome, RunEdit, type Start } from "./run-edit";
import { type LockedRun, type RunRow, splitStepKey, triggerOf } from "./state";

export type Core = { schema: string; index: FunctionIndex };
/** A claimed item as proof that the caller may speak for the run. `keep` leaves it in the queue. */
export type Claim = { id: string; gen: number; owner: string; keep?: boolean };

/**
 * Locks a running run, changes it and writes the change with everything that follows from it (children, parents,
 * events). False when the run is over or the claim is void: then nothing was written.
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
  for (const start of edit.starts) await startChild(sql, core, start);
  if (edit.outcome) await afterEnd(sql, core, edit.run, edit.outcome);
  return true;
}

/** Records events, starts what they trigger, resumes and cancels what waits for them. */
export async function publish(sql: Sql, core: Core, events: EngineEvent[]): Promise<void> {
  const { waiters } = await recordEvents(sql, core.schema, core.index, events);
  for (const waiter of waiters) {
    await editRun(sql, core, waiter.run_id, null, (edit) => {
      if (waiter.kind === "cancel") edit.finish(cancelled);
      else edit.resume(splitStepKey(waiter.id).stepId, waiter.event);
    });
  }
}

export const cancelled: Outcome = {
  status: "cancelled",
  output: null,
  error: { name: "Cancelled", message: "The run was cancelled." },
};

async function startChild(sql: Sql, core: Core, start: Start): Promise<void> {
  const fn = core.index.byId.get(start.fn);
  if (fn) {
    await startFunction(sql, core.schema, fn, start.event, start.invoke);
    return;
  }
  const { runId, stepId } = splitStepKey(start.invoke);
  const error = { name: "Error", message: `Function ${start.fn} is not served by this engine.` };
  await editRun(sql, core, runId, null, (edit) => edit.resume(stepId, { error }));
}

async function afterEnd(
  sql: Sql,
  core: Core,
  run: RunRow,
  { status, output, error }: Outcome,
): Promise<void> {
  if (run.invoke) {
    const { runId, stepId } = splitStepKey(run.invoke);
    await editRun(sql, core, runId, null, (edit) =>
      edit.resume(stepId, error ? { error } : { data: output }),
    );
  }
  const trigger = triggerOf(run);
  if (trigger.name.startsWith("inngest/function.") && trigger.name !== "inngest/function.invoked") return;
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
  if (events.length > 0) await publish(sql, core, events);
}
