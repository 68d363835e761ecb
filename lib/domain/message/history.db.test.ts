import { expect, test } from "vitest";
import { createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { getMessage } from "./get";
import { listHistory } from "./history";
import type { WorkOrderDetail } from "./types";

const runsIn = (orders: WorkOrderDetail[]) =>
  orders.flatMap(({ id, runs }) => runs.map((run) => [id, run.id, run.attempt] as const));

test("of many runs a receipt has the newest, and pages lead to all that ever happened, each once", async () => {
  const { ctx, ...clinic } = await createClinic();
  const id = await clinic.receive({ form: "visit" });
  await clinic.execute(id);
  await testDatabase().query(
    `insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, message_id, state, finished_at)
     select (lpad(to_hex((extract(epoch from created_at) * 1000)::bigint + 1000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
       project_id, workflow_id, work_order_id, snapshot_id, message_id, 'success', now()
     from runs, generate_series(1, 60) n where message_id = $1`,
    [id],
  );
  await testDatabase().query(
    `insert into work_orders (id, project_id, workflow_id, message_id, snapshot_id, trigger_id, state, rejected_for)
     select gen_random_uuid(), project_id, workflow_id, message_id, snapshot_id, trigger_id, 'rejected', 'month' from work_orders, generate_series(1, 3)
     where message_id = $1`,
    [id],
  );
  const runs = await testDatabase().query<{ id: string }>(
    "select id from runs where message_id = $1 order by id",
    [id],
  );
  const receipt = await getMessage(ctx, id);
  const seen = runsIn(receipt.workOrders);
  const orders = new Set(receipt.workOrders.map((order) => order.id));
  expect(seen.length).toBeLessThanOrEqual(25);
  let cursor = receipt.earlier;
  while (cursor) {
    const page = await listHistory(ctx, id, { cursor });
    seen.push(...runsIn(page.items));
    for (const order of page.items) orders.add(order.id);
    cursor = page.nextCursor;
  }
  expect(seen.map(([, run]) => run).sort()).toEqual(runs.map((run) => run.id));
  expect(orders.size).toBe(3 + new Set(seen.map(([order]) => order)).size);
  for (const order of orders) {
    const attempts = seen.filter(([of]) => of === order).map(([, , attempt]) => attempt);
    expect(attempts.sort((a, b) => a - b)).toEqual(attempts.map((_, index) => index + 1));
  }
});

test("of many steps a run in the receipt names what needs attention first, in order, and counts them", async () => {
  const { ctx, ...clinic } = await createClinic();
  const id = await clinic.receive({ form: "visit" });
  await clinic.execute(id, ({ job }) =>
    job.name === "Payment" ? { reason: "fail", error: { type: "JobError", message: "no" } } : {},
  );
  await testDatabase().query(
    `insert into steps (id, run_id, project_id, workflow_id, message_id, ordinal, job_id, job_name, adaptor, exit_reason, started_at, finished_at)
     select gen_random_uuid(), run_id, project_id, workflow_id, message_id, 100 + n, job_id, 'Step ' || n, adaptor, 'success', started_at + n * interval '1 s', finished_at
     from steps, generate_series(1, 200) n where message_id = $1 and job_name = 'Referral'`,
    [id],
  );
  const [run] = (await getMessage(ctx, id)).workOrders.flatMap(({ runs }) => runs);
  expect(run?.steps).toHaveLength(25);
  expect(run?.stepTotal).toBe(203);
  expect(run?.steps.map(({ jobName }) => jobName)).toEqual([
    "Payment",
    ...Array.from({ length: 24 }, (_, n) => `Step ${177 + n}`),
  ]);
});
