import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { applySchema } from "@/inngest/embedded/schema";
import { keptOf } from "@/lib/bench/kept";
import { ownTestDatabase, testConnect } from "./database";

let own: Database;
let alone: Database;

beforeAll(async () => {
  own = await ownTestDatabase();
  await applySchema(own, "durable");
  alone = testConnect(process.env.DATABASE_URL ?? "", { max: 1 });
});
afterAll(async () => {
  await alone.close();
  await own.close();
});

/** By 1 KB of message, one job and a line of its log; without images of pages, which this cluster does not write. */
test("a message costs as many rows, changes and bytes of the log as it did", async () => {
  const { tables, walBytes, images, commits } = await keptOf({ database: alone, messages: 96 });
  const changes = Object.entries(tables).map(([table, { inserted, updated }]) => [table, inserted, updated]);
  expect(changes).toEqual([
    ["messages", 1, 0],
    ["work_orders", 1, 2],
    ["runs", 1, 2],
    ["steps", 1, 1],
    ["job_states", 1, 1],
    ["stored_states", 1, 0],
    ["log_lines", 1, 0],
    ["outbox", 1, 1],
  ]);
  // Whose changes leave their indexes alone, but where a page is full.
  expect(tables.steps.hot).toBeGreaterThan(0.9);
  expect(tables.work_orders.hot).toBeGreaterThan(1.5);
  expect(images).toBe(0);
  // What stands beside it in pages makes some bytes of difference.
  expect(walBytes).toBeLessThan(8_800);
  // What it said is there once.
  const [states] = await own.query<{ bytes: number }>(
    "select max(pg_column_size(s.*)) as bytes from stored_states s",
  );
  expect(states?.bytes).toBeLessThan(500);
  // Its acceptance, and its parts of a claim, of a start and of an end.
  expect(commits).toBeLessThan(2);
});
