import type { Sql } from "@/db/client";
import { sqlJson } from "@/lib/sql-json";
import { evaluateNumber, evaluateText, matches } from "./expressions";
import type { EngineFunction } from "./functions";
import { type EngineEvent, ulid } from "./protocol";

type StartRequest = { fn: EngineFunction; event: EngineEvent };

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
function runRow({ fn, event }: StartRequest, now: number, place: number) {
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

/** Records events and starts the functions that they trigger, each once, however often its event is sent. */
export async function recordEvents(
  sql: Sql,
  schema: string,
  index: FunctionIndex,
  events: EngineEvent[],
): Promise<void> {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  await record(
    sql,
    schema,
    distinct,
    distinct.flatMap((event) => index.startedBy(event).map((fn) => ({ fn, event }))),
  );
}

/** Starts one function by its cron line, unless it was started for this event before. */
export const startFunction = (
  sql: Sql,
  schema: string,
  fn: EngineFunction,
  event: EngineEvent,
): Promise<void> => record(sql, schema, [event], [{ fn, event }]);

async function record(
  sql: Sql,
  schema: string,
  events: EngineEvent[],
  requests: StartRequest[],
): Promise<void> {
  const now = Date.now();
  await sql.query(
    `select ${schema}.ingest($1, '{}', $2, '[]', '[]')`,
    [events.map((event) => event.id), sqlJson(requests.map((request, i) => runRow(request, now, i)))],
    `${schema}.ingest`,
  );
}
