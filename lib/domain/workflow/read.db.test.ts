import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectRefusal,
  type TestUser,
} from "@/lib/testing/fixtures";
import { getWorkflow } from "./get";
import { listWorkflows } from "./list";
import { saveWorkflow } from "./save";
import { draft } from "./testing";

const { db } = testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };
let ctx: Context;
let owner: TestUser;

beforeAll(async () => {
  owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
});

describe("reading workflows", () => {
  it("lists by name, page by page, with jobs that were never run", async () => {
    const mine = contextFor(owner, await createTestProject({ owner }));
    for (const name of ["b", "a", "c"]) await saveWorkflow(mine, draft(name), deps);
    const first = await listWorkflows(mine, { limit: 2 });
    expect(first.items.map((row) => row.name)).toEqual(["a", "b"]);
    expect(first.items[0]).toMatchObject({ triggers: [{ type: "webhook" }], recent: { total: 0 } });
    expect(first.items[0]?.jobs.map((job) => [job.name, job.last])).toEqual([
      ["A", null],
      ["B", null],
    ]);
    const second = await listWorkflows(mine, { limit: 2, cursor: first.nextCursor ?? "" });
    expect([second.items.map((row) => row.name), second.nextCursor]).toEqual([["c"], null]);
    expect((await listWorkflows(mine, { text: "%" })).items).toEqual([]);
  });

  it("shows how each job last went and how the last work orders ended", async () => {
    const input = draft();
    const { snapshotId } = await saveWorkflow(ctx, input, deps);
    const [a] = input.jobs;
    const ids = { project: ctx.project.id, workflow: input.id, snapshot: snapshotId };
    for (const [n, reason] of ["fail", "success"].entries()) {
      const [order, run] = [randomUUID(), randomUUID()];
      const state = reason === "fail" ? "failed" : "success";
      await db.execute(sql`insert into work_orders (id, project_id, workflow_id, snapshot_id, state)
        values (${order}, ${ids.project}, ${ids.workflow}, ${ids.snapshot}, ${state})`);
      await db.execute(sql`insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id)
        values (${run}, ${ids.project}, ${ids.workflow}, ${order}, ${ids.snapshot})`);
      await db.execute(sql`insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, exit_reason)
        values (${`0000000${n}-${randomUUID().slice(9)}`},
          ${ids.project}, ${run}, ${ids.workflow}, ${a?.id}, 'A', 'x', 0, ${reason})`);
    }
    const detail = await getWorkflow(ctx, { id: input.id });
    expect(detail.jobs.find((job) => job.id === a?.id)?.last).toMatchObject({ exitReason: "success" });
    expect(detail.recent).toMatchObject({ total: 2, byState: { failed: 1, success: 1 } });
    expect(detail.recent.lastActivity).toMatch(/Z$/);
  });

  it("does not find another project's workflow or a malformed id", async () => {
    const stranger = await createTestUser();
    const strange = contextFor(stranger, await createTestProject({ owner: stranger }));
    const input = draft();
    await saveWorkflow(ctx, input, deps);
    await expectRefusal(getWorkflow(strange, { id: input.id }), "not_found");
    await expectRefusal(getWorkflow(ctx, { id: "nonsense" }), "not_found");
    expect((await listWorkflows(strange)).items).toEqual([]);
  });
});
