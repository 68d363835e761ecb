import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { expect, it } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { runStates } from "@/lib/words";
import { runSetInfo } from "@/lib/workflow/outcome";

type Order = { state: (typeof runStates)[number]; hasIssue: boolean; isClocks: boolean };

const listedAs = ({ state, hasIssue, isClocks }: Order): string | null => {
  const isListed =
    runSetInfo.unsuccessful.has({ state, stepFailed: false }) || (state === "success" ? hasIssue : isClocks);
  return isListed ? state : null;
};

const all: Order[] = runStates.flatMap((state) =>
  [false, true].flatMap((hasIssue) => [false, true].map((isClocks) => ({ state, hasIssue, isClocks }))),
);

async function insert(order: Order): Promise<string> {
  const project = await createTestProject();
  const [row] = await testDatabase().query<{ id: string }>(
    `insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id, state, has_issue)
     values ($1, $2, $2, $2, $3, $4, $5) returning id`,
    [project.id, randomUUID(), order.isClocks ? null : randomUUID(), order.state, order.hasIssue],
  );
  return row?.id ?? "";
}

const listed = async (id: string) =>
  (
    await testDatabase().query<{ is: string | null }>(
      "select listed_state as is from work_orders where id = $1",
      [id],
    )
  )[0]?.is;

it("a work order is listed as the sets of lib/workflow/outcome.ts say, however it came to be what it is", async () => {
  const database = testDatabase();
  for (const order of all) {
    const id = await insert(order);
    expect(await listed(id), JSON.stringify(order)).toBe(listedAs(order));
    for (const next of all.filter(({ isClocks }) => isClocks === order.isClocks)) {
      await database.query("update work_orders set state = $2, has_issue = $3 where id = $1", [
        id,
        next.state,
        next.hasIssue,
      ]);
      expect(await listed(id), JSON.stringify([order, next])).toBe(listedAs(next));
    }
  }
});

it("those that were there before it was written down are filled in", async () => {
  const database = testDatabase();
  const [fill = ""] = fs
    .readFileSync("db/migrations/online/0065_listed-orders.sql", "utf8")
    .split("--> statement-breakpoint");
  const orders: { order: Order; id: string }[] = [];
  for (const order of all) orders.push({ order, id: await insert(order) });
  await database.transaction(async (sql) => {
    await sql.query("set local session_replication_role = replica"); // no trigger
    await sql.query("update work_orders set listed_state = null where id = any($1::uuid[])", [
      orders.map(({ id }) => id),
    ]);
  });
  await database.query(fill);
  for (const { order, id } of orders) expect(await listed(id), JSON.stringify(order)).toBe(listedAs(order));
});
