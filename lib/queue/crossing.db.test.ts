import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Context } from "@/lib/domain/context";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser, type TestProject } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";

const database = testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
/** Two workflows that take the same messages and keep them in order; their lines are taken in the order of these. */
const [low, high] = ["00000000-0000-4000-8000-", "ffffffff-0000-4000-8000-"] as const;
let project: TestProject;
let ctx: Context;
let ids: { low: string; high: string };

const named = (head: string) => `${head}${randomUUID().slice(-12)}`;

/** Saves a workflow of one job with an order. Returns its job. */
async function workflow(
  id: string,
  trigger: { type: "message_filter" } | { type: "flow"; sourceJobId: string },
) {
  const [triggerId, jobId] = [randomUUID(), randomUUID()];
  await saveWorkflow(
    ctx,
    {
      id,
      name: id,
      orderKey: "data.patient.id",
      triggers: [
        { id: triggerId, ...trigger, ...(trigger.type === "flow" ? {} : { inclusion: { form: "visit" } }) },
      ],
      jobs: [{ id: jobId, name: "Do", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
      edges: [{ id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobId, conditionType: "always" }],
    },
    deps,
  );
  return jobId;
}

beforeEach(async () => {
  const owner = await createTestUser();
  project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  ids = { low: named(low), high: named(high) };
});

async function arrive() {
  return accept(
    {
      method: "POST",
      segments: [project.inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response('{"form":"visit","patient":{"id":"P-1"}}').body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
}

/** How many wait for the line of a workflow. */
async function waitingFor(workflowId: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_locks l, hashtextextended('line/' || $1::uuid || '/P-1', 0) key
     where l.locktype = 'advisory' and not l.granted and l.classid = (key >> 32 & 4294967295)::oid and l.objid = (key & 4294967295)::oid`,
    [workflowId],
  );
  return row?.count ?? 0;
}
const waits = (workflowId: string, count: number) =>
  vi.waitFor(async () => expect(await waitingFor(workflowId)).toBe(count), { timeout: 20_000, interval: 20 });

const states = () =>
  database.query<{ workflow: string; state: string; waitsFor: string | null }>(
    `select workflow_id as workflow, state, waits_for as "waitsFor" from runs where project_id = $1 order by id`,
    [project.id],
  );

describe("lines of several workflows are taken in one order", () => {
  test("by a step that ends its run and starts another workflow, beside a message that comes to both", async () => {
    const jobId = await workflow(ids.high, { type: "message_filter" });
    await arrive();
    const [first] = await database.query<{ id: string }>("select id from runs where project_id = $1", [
      project.id,
    ]);
    await workflow(ids.low, { type: "flow", sourceJobId: jobId });
    // A second trigger: messages come to it, too.
    await database.query(
      "insert into triggers (project_id, workflow_id, type, inclusion, enabled) values ($1, $2, 'message_filter', '{}', true)",
      [project.id, ids.low],
    );
    let message: Promise<unknown> | undefined;
    let end: Promise<unknown> | undefined;
    await database.transaction(async (sql) => {
      await sql.query("select lock_line($1, 'P-1')", [ids.low]);
      message = arrive();
      await waits(ids.low, 1);
      end = executeRun(testExecutionHost(new ScriptedRunner()), first?.id ?? "", (_, work) => work());
      await waits(ids.low, 2);
    });
    const [answer] = await Promise.all([message, end]);
    expect(answer).toMatchObject({ status: 202 });
    const found = await states();
    expect(found.map(({ workflow, state }) => [workflow, state])).toEqual(
      expect.arrayContaining([
        [ids.high, "success"],
        [ids.high, "pending"],
        [ids.low, "pending"],
        [ids.low, "pending"],
      ]),
    );
    expect(found).toHaveLength(4);
    expect(found.filter(({ workflow, waitsFor }) => workflow === ids.low && waitsFor === null)).toHaveLength(
      1,
    );
    expect(
      found.find(({ workflow, state }) => workflow === ids.high && state === "pending")?.waitsFor,
    ).toBeNull();
  });

  test("and a message that meets somebody who takes them in another is stored once all the same", async () => {
    await workflow(ids.low, { type: "message_filter" });
    await workflow(ids.high, { type: "message_filter" });
    let message: Promise<unknown> | undefined;
    await database.transaction(async (sql) => {
      // Whoever waits for longer than that is taken back: the message, not this.
      await sql.query("set local deadlock_timeout = '10min'");
      await sql.query("select lock_line($1, 'P-1')", [ids.high]);
      message = arrive();
      await waits(ids.high, 1);
      await sql.query("select lock_line($1, 'P-1')", [ids.low]);
    });
    expect(await message).toMatchObject({ status: 202 });
    const [count] = await database.query("select count(*)::int as n from messages where project_id = $1", [
      project.id,
    ]);
    expect(count).toEqual({ n: 1 });
    expect(await states()).toEqual([
      { workflow: ids.low, state: "pending", waitsFor: null },
      { workflow: ids.high, state: "pending", waitsFor: null },
    ]);
  });
});
