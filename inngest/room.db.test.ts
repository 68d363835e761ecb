import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import type { OutboxEvent } from "./outbox";
import { withRoom } from "./room";

const database = testDatabase();
let projectId: string;
let workflowId: string;

/** Runs of the project, and the events that ask for them. */
async function runs(count: number, set = "state = 'pending'"): Promise<OutboxEvent[]> {
  const rows = await database.query<{ id: string }>(
    `with orders as (
       insert into work_orders (project_id, workflow_id, snapshot_id) select $1, $2, $2 from generate_series(1, $3) returning id
     )
     insert into runs (project_id, workflow_id, work_order_id, snapshot_id) select $1, $2, id, $2 from orders returning id`,
    [projectId, workflowId, count],
  );
  await database.query(`update runs set ${set} where id = any($1::uuid[])`, [rows.map(({ id }) => id)]);
  return rows.map(({ id }) => ({
    id,
    name: "run/requested",
    data: { runId: id, projectId, workflowId, priority: 0 },
  }));
}
const limit = (table: "projects" | "workflows", concurrency: number) =>
  database.query(`update ${table} set concurrency = $2 where id = $1`, [
    table === "projects" ? projectId : workflowId,
    concurrency,
  ]);
const found = async (events: OutboxEvent[], atOnce = 8) => (await withRoom(database, events, atOnce)).size;

beforeEach(async () => {
  projectId = (await createTestProject()).id;
  workflowId = randomUUID();
  await database.query("insert into workflows (id, project_id, name) values ($1, $2, 'w')", [
    workflowId,
    projectId,
  ]);
});

test("there is room for as many runs as a project may have at once, those that wait included", async () => {
  const events = await runs(3);
  expect(await withRoom(database, events, 3)).toEqual(new Set(events.map(({ id }) => id)));
  expect(await found(events, 2)).toBe(0);
  await runs(4, "state = 'running', started_at = now()");
  expect(await found(events)).toBe(3);
  await runs(2, "state = 'running', started_at = now()");
  expect(await found(events)).toBe(0);
});

test("what has ended, or waits on purpose, takes no room", async () => {
  await runs(20, "state = 'success', finished_at = now()");
  await runs(20, "waits_for = 'turn', order_key = id::text");
  expect(await found(await runs(1), 1)).toBe(1);
});

test.each(["projects", "workflows"] as const)(
  "a number of the %s's own counts, where it is the smaller one",
  async (table) => {
    const events = await runs(2);
    await limit(table, 1);
    expect(await found(events)).toBe(0);
    await limit(table, 100);
    expect(await found(events)).toBe(2);
  },
);

test("what Inngest may have to keep is not among them: what waits, was handed back or goes behind others", async () => {
  const [event] = await runs(1);
  if (!event) throw new Error("No run was made.");
  const others: OutboxEvent[] = [
    { ...event, ts: Date.now() + 60_000 },
    { ...event, data: { ...event.data, again: 1 } },
    { ...event, data: { ...event.data, priority: -300 } },
    { ...event, name: "run/cancelled" },
    { ...event, data: { ...event.data, projectId: randomUUID() } },
  ];
  for (const other of others) expect(await found([other])).toBe(0);
  expect(await found([{ ...event, data: { ...event.data, again: 0, priority: 100 } }])).toBe(1);
});
