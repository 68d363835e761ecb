import type { Sql } from "@/db/client";
import { sqlJson } from "@/lib/sql-json";
import { evaluateNumber, evaluateText, matches, matchPath, valueAt } from "./expressions";
import type { EngineFunction } from "./functions";
import { type EngineEvent, ulid } from "./protocol";

export type Waiter = { id: string; run_id: string; kind: "event" | "cancel"; event: EngineEvent };
type StartRequest = { fn: EngineFunction; event: EngineEvent; invoke: string | null };

/** Functions by what starts them. */
export class FunctionIndex {
  readonly byId: ReadonlyMap<string, EngineFunction>;
  readonly #byEvent = new Map<string, { fn: EngineFunction; if: string | undefined }[]>();

  constructor(functions: EngineFunction[]) {
    this.byId = new Map(functions.map((fn) => [fn.id, fn]));
    for (const fn of functions) {
      for (const trigger of fn.events) {
        this.#byEvent.set(trigger.name, [...(this.#byEvent.get(trigger.name) ?? []), { fn, if: trigger.if }]);
      }
    }
  }

  get ids(): string[] {
    return [...this.byId.keys()];
  }

  listensTo(event: string): boolean {
    return this.#byEvent.has(event);
  }

  startedBy(event: EngineEvent): EngineFunction[] {
    const found = (this.#byEvent.get(event.name) ?? []).filter((trigger) => matches(trigger.if, { event }));
    return [...new Set(found.map((trigger) => trigger.fn))];
  }
}

const priorityLimitSeconds = 600;

/** The run's row: limits and place in the queue are decided once, from the event that starts it. */
function runRow({ fn, event, invoke }: StartRequest, now: number, place: number) {
  // What all runs of a group share comes first: limits without a key, then the first key.
  const limits = [...fn.limits].sort((a, b) => Number(a.key !== undefined) - Number(b.key !== undefined));
  const keys = limits.map((l) => `${l.scope}:${l.key ? evaluateText(l.key, { event }) : ""}`);
  const shared =
    limits.filter((l) => l.key === undefined).length + (limits.some((l) => l.key !== undefined) ? 1 : 0);
  const priority = fn.priority ? evaluateNumber(fn.priority, { event }) : 0;
  const clamped = Math.max(-priorityLimitSeconds, Math.min(priorityLimitSeconds, priority));
  return {
    id: ulid(now),
    event: event.id,
    fn: fn.id,
    events: [event],
    invoke,
    idem: fn.idempotency ? evaluateText(fn.idempotency, { event }) : null,
    grp: [fn.id, ...keys.slice(0, shared)].join("|"),
    lane: [fn.id, ...keys].join("|"),
    keys,
    limits: limits.map((l) => l.limit),
    shared,
    // As in Inngest: a priority of n puts a run before those that came up to n seconds earlier.
    // Microseconds, so that a batch keeps its order.
    rank: Math.round((now - clamped * 1000) * 1000) + Math.min(place, 999),
    delay: Math.max(0, event.ts - now),
  };
}
type Run = ReturnType<typeof runRow>;

const cancelWaits = (fn: EngineFunction, event: EngineEvent, run: Run) =>
  fn.cancelOn.map((cancel, i) => {
    const path = matchPath(cancel.if);
    const value = path ? valueAt(event, path) : null;
    return {
      id: `${run.id}|cancel${i}`,
      run_id: run.id,
      event: cancel.event,
      expr: cancel.if ?? null,
      path,
      value,
      delay: cancel.timeoutMs,
    };
  });

/** Starts runs and returns the waits that the events answer, without answering them. */
async function record(
  sql: Sql,
  schema: string,
  events: EngineEvent[],
  requests: StartRequest[],
): Promise<{ waiters: Waiter[]; made: number }> {
  const now = Date.now();
  const reserved = new Set<string>();
  const runs: Run[] = [];
  const waits: ReturnType<typeof cancelWaits> = [];
  const timers: { id: string; run_id: string; fn: string; kind: "finish"; delay: number }[] = [];
  for (const request of requests) {
    const run = runRow(request, now, runs.length);
    if (run.idem !== null) {
      const key = `${run.fn}|${run.idem}`;
      if (reserved.has(key)) continue;
      reserved.add(key);
    }
    runs.push(run);
    waits.push(...cancelWaits(request.fn, request.event, run));
    const { finishMs } = request.fn;
    if (finishMs !== null)
      timers.push({
        id: `${run.id}|finish`,
        run_id: run.id,
        fn: run.fn,
        kind: "finish",
        delay: run.delay + finishMs,
      });
  }
  const ids = [...new Set(events.map((event) => event.id))];
  const names = [...new Set(events.map((event) => event.name))];
  const [row] = await sql.query<{ result: IngestResult }>(
    `select ${schema}.ingest($1, $2, $3, $4, $5) as result`,
    [ids, names, sqlJson(runs), sqlJson(waits), sqlJson(timers)],
    `${schema}.ingest`,
  );
  const result = row?.result ?? { fresh: [], made: [], paths: [] };
  if (result.paths.length === 0) return { waiters: [], made: result.made.length };
  const fresh = new Set(result.fresh);
  return {
    waiters: await findWaiters(
      sql,
      schema,
      events.filter((event) => fresh.has(event.id)),
      result.paths,
    ),
    made: result.made.length,
  };
}
type IngestResult = { fresh: string[]; made: string[]; paths: { event: string; path: string }[] };

async function findWaiters(
  sql: Sql,
  schema: string,
  events: EngineEvent[],
  paths: IngestResult["paths"],
): Promise<Waiter[]> {
  const waiters: Waiter[] = [];
  for (const event of events) {
    const mine = paths.filter((p) => p.event === event.name);
    if (mine.length === 0) continue;
    const indexed = mine.filter((p) => p.path !== "").map((p) => p.path);
    const rows = await sql.query<{
      id: string;
      run_id: string;
      kind: "event" | "cancel";
      expr: string | null;
      trigger: EngineEvent;
    }>(
      `select w.id, w.run_id, w.kind, w.expr, r.events->0 as trigger from ${schema}.wait w join ${schema}.run r on r.id = w.run_id
        where w.event = $1 and (w.until is null or w.until > now())
          and (w.path is null or (w.path, w.value) in (select * from unnest($2::text[], $3::text[])))
        order by w.run_id`,
      [event.name, indexed, indexed.map((path) => valueAt(event, path))],
    );
    for (const row of rows) {
      if (matches(row.expr, { event: row.trigger, async: event }))
        waiters.push({ id: row.id, run_id: row.run_id, kind: row.kind, event });
    }
  }
  return waiters;
}

/** Records events: starts the functions they trigger and returns the waits they answer. */
export function recordEvents(sql: Sql, schema: string, index: FunctionIndex, events: EngineEvent[]) {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const requests = distinct.flatMap((event) =>
    index.startedBy(event).map((fn) => ({ fn, event, invoke: null })),
  );
  return record(sql, schema, distinct, requests);
}

/** Starts one function directly: invoked by another, or by its cron line. False when it was started before. */
export async function startFunction(
  sql: Sql,
  schema: string,
  fn: EngineFunction,
  event: EngineEvent,
  invoke: string | null,
): Promise<boolean> {
  return (await record(sql, schema, [event], [{ fn, event, invoke }])).made > 0;
}
