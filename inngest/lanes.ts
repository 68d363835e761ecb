import type { Sql } from "@/db/client";
import { LruMap } from "@/lib/lru-map";
import type { OutboxEvent } from "./outbox";

type Limit = { id: string; concurrency: number };

/**
 * Gives every requested run the lane it queues in; a lane runs one at a time. A workflow or project that may run n at
 * once has n lanes, dealt in order of arrival; everybody else has a lane per run. Inngest's limits are fixed numbers
 * per function, so that this is how a number of the project's own becomes one of its keys.
 */
export async function withLanes(sql: Sql, events: OutboxEvent[]): Promise<OutboxEvent[]> {
  const wanted = events.filter((event) => event.name === "run/requested");
  if (wanted.length === 0) return events;
  const ids = (key: string) => [...new Set(wanted.map((event) => String(event.data[key])))];
  const limits = await sql.query<Limit>(
    `select id, concurrency from workflows where id = any($1::uuid[]) and project_id = any($2::uuid[]) and concurrency is not null
     union all select id, concurrency from projects where id = any($2::uuid[]) and concurrency is not null`,
    [ids("workflowId"), ids("projectId")],
    "lanes",
  );
  const limitOf = new Map(limits.map((limit) => [limit.id, limit.concurrency]));
  return events.map((event) =>
    event.name === "run/requested"
      ? { ...event, data: { ...event.data, lane: laneOf(event, limitOf) } }
      : event,
  );
}

/** Whose turns are forgotten begins anew with the first lane, which costs nothing but evenness. */
const dealt = new LruMap<string, number>(10_000);

/**
 * The workflow's own limit counts before the project's (OpenFn: workflow overrides). A run that was taken from somebody
 * who may still be standing in its lane waits for no turn: it would wait for itself.
 */
function laneOf({ data }: OutboxEvent, limitOf: Map<string, number>): string {
  if (data.skipsLane === true) return `${data.runId}/${data.again}`;
  const owner = [String(data.workflowId), String(data.projectId)].find((id) => limitOf.has(id));
  if (!owner) return String(data.runId);
  const turn = dealt.get(owner) ?? 0;
  dealt.set(owner, turn + 1);
  return `${owner}/${turn % (limitOf.get(owner) ?? 1)}`;
}
