import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
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

  it("lists those that are put away apart, and who has changes that are not saved", async () => {
    const project = await createTestProject({ owner });
    const mine = contextFor(owner, project);
    const ben = await createTestUser();
    const gone = await createTestUser();
    await addTestMember(project, "editor", ben);
    for (const name of ["used", "put away"]) await saveWorkflow(mine, draft(name), deps);
    const [away, used] = (await listWorkflows(mine)).items;
    await db.execute(sql`update workflows set archived_at = now() where id = ${away?.id}`);
    const namesOf = async (archived?: "true" | "false") =>
      (await listWorkflows(mine, archived ? { archived } : {})).items.map(({ name }) => name);
    expect(await namesOf()).toEqual(["put away", "used"]);
    expect(await namesOf("true")).toEqual(["put away"]);
    expect(await namesOf("false")).toEqual(["used"]);
    expect(await listWorkflows(mine, { archived: "true" })).toMatchObject({
      items: [{ archivedAt: expect.any(String), drafts: [] }],
    });
    // Ben began before; whoever has left the project is not told of.
    for (const person of [ben, owner, gone])
      await db.execute(sql`insert into drafts (project_id, workflow_id, user_id, base_version, graph)
        values (${project.id}, ${used?.id}, ${person.id}, 1, '{"triggers": [], "jobs": [], "edges": []}')`);
    const marksOf = async (ctx: Context) => {
      const [row] = (await listWorkflows(ctx, { archived: "false" })).items;
      const detail = await getWorkflow(ctx, { id: used?.id ?? "" });
      expect(detail).toMatchObject({ drafts: row?.drafts, archivedAt: null });
      return row?.drafts.map(({ name, isMine }) => [name, isMine]);
    };
    const nameOf = ({ name }: TestUser) => name;
    expect(await marksOf(mine)).toEqual([
      [nameOf(owner), true],
      [nameOf(ben), false],
    ]);
    expect(await marksOf(contextFor(ben, project, "editor"))).toEqual([
      [nameOf(ben), true],
      [nameOf(owner), false],
    ]);
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
