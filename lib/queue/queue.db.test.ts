import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { Database, Sql } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { resendMessage } from "@/lib/domain/message/resend";
import { cancelRun } from "@/lib/domain/run/cancel";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { OutboxEventName } from "@/lib/words";
import type { Announcement } from "./announce";
import { eventData } from "./events";
import { announcementsOf, handBackRuns, queueAttempt } from "./queue";

const database = testDatabase();
let ctx: Context;
let inboxId: string;
let told: Announcement[];
const ids = { trigger: "", cron: "", job: "" };

beforeEach(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  told = [];
  ctx = { ...contextFor(owner, project), announce: (announcement) => told.push(announcement) };
  inboxId = project.inboxId;
  for (const name of ["trigger", "cron", "job"] as const) ids[name] = randomUUID();
  const triggers = [
    { id: ids.trigger, type: "message_filter" as const, inclusion: { form: "visit" } },
    { id: ids.cron, type: "cron" as const, cronExpression: "* * * * *" },
  ];
  for (const trigger of triggers) {
    const job = trigger.id === ids.trigger ? ids.job : randomUUID();
    await saveWorkflow(
      ctx,
      {
        name: trigger.type,
        triggers: [trigger],
        jobs: [{ id: job, name: "Job", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
        edges: [{ id: randomUUID(), sourceTriggerId: trigger.id, targetJobId: job, conditionType: "always" }],
      },
      { resolveAdaptor: async (_, version) => ({ version }) },
    );
  }
  // What was said of the workflows themselves.
  told.length = 0;
});

const arrive = async () => {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response('{"form":"visit"}').body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  return accepted?.messageId ?? "";
};
const runsOf = (messageId: string) =>
  database.query<{ id: string; state: string; starting_trigger_id: string | null; priority: string }>(
    "select id, state, starting_trigger_id, priority from runs where message_id = $1 order by id",
    [messageId],
  );
const sentFor = (runId: string) =>
  database.query<{ event: OutboxEventName; data: Record<string, unknown>; project_id: string | null }>(
    "select event, data, project_id from outbox where data->>'runId' = $1 order by id",
    [runId],
  );
/** Makes what was sent for a message's runs look handed over. */
const handOver = async (messageId: string) => {
  for (const run of await runsOf(messageId))
    await database.query("delete from outbox where data->>'runId' = $1", [run.id]);
};

/** Exactly one row, in its project's turn, of which the event's own schema accepts everything and knows every field. */
async function expectEvent(runId: string, event: OutboxEventName, priority?: number) {
  const rows = await sentFor(runId);
  expect(rows.map((row) => row.event)).toEqual([event]);
  const [row] = rows;
  expect(eventData[event].parse(row?.data)).toEqual(row?.data);
  expect(row?.project_id).toBe(ctx.project.id);
  expect(row?.data).toMatchObject({ runId, ...(priority === undefined ? {} : { priority }) });
}

test("an arriving message, an edited copy and a rerun send the same event", async () => {
  const messageId = await arrive();
  const [run] = await runsOf(messageId);
  expect(run).toMatchObject({ state: "pending", starting_trigger_id: ids.trigger, priority: "normal" });
  await expectEvent(run?.id ?? "", "run/requested", 0);

  const copy = await resendMessage(ctx, { messageId, body: '{"form":"visit","again":true}' });
  expect(await runsOf(copy.messageId)).toMatchObject([
    { starting_trigger_id: ids.trigger, priority: "immediate" },
  ]);
  await expectEvent(copy.runIds[0] ?? "", "run/requested", 100);

  const { runIds } = await rerunMessage(ctx, { messageId });
  await expectEvent(runIds[0] ?? "", "run/requested", 100);
});

test("the clock sends the same event, and tells of it", async () => {
  const done = new Error("taken back: the clock is everybody's, other suites' too");
  const work = database.transaction(async (sql) => {
    const within = { ...database, ...sql, transaction: (work: (sql: Sql) => Promise<unknown>) => work(sql) };
    const host = {
      ...testExecutionHost(new ScriptedRunner()),
      storage: postgresStorage(within as Database),
      announce: ctx.announce,
    };
    await sql.query(
      "update triggers set next_run_at = now() - interval '1 minute' where id = $1 and project_id = $2",
      [ids.cron, ctx.project.id],
    );
    expect(await fireDueCronTriggers(host)).toBeGreaterThan(0);
    const [fired] = await sql.query<{ id: string; data: unknown; project_id: string | null }>(
      "select r.id, o.data, o.project_id from runs r join outbox o on o.data->>'runId' = r.id::text where r.starting_trigger_id = $1",
      [ids.cron],
    );
    expect(eventData["run/requested"].parse(fired?.data)).toMatchObject({ runId: fired?.id, priority: 0 });
    expect(fired?.project_id).toBe(ctx.project.id);
    expect(told.filter((one) => one.projectId === ctx.project.id)).toEqual([
      { projectId: ctx.project.id, runs: [fired?.id], messages: [], wakesEngine: "runs" },
    ]);
    throw done;
  });
  await expect(work).rejects.toBe(done);
});

test("whoever queues is announced after the commit, with nobody having to remember it", async () => {
  const messageId = await arrive();
  const { runIds } = await rerunMessage(ctx, { messageId });
  expect(told).toEqual([
    { projectId: ctx.project.id, runs: runIds, messages: [messageId], wakesEngine: "runs" },
  ]);
  const attempt = {
    projectId: ctx.project.id,
    workflowId: randomUUID(),
    workOrderId: randomUUID(),
    messageId: null,
    snapshotId: randomUUID(),
    triggerId: null,
    jobId: ids.job,
    dataclipId: null,
    createdBy: null,
    linkedStepIds: [],
  };
  const outside = ctx.db.transaction((tx) => queueAttempt(tx, attempt));
  await expect(outside).rejects.toThrow();
  expect(told).toHaveLength(1);
});

test("a cancelled run sends its event when it runs, and none when it waits", async () => {
  const messageId = await arrive();
  const [run] = await runsOf(messageId);
  await database.query("update runs set state = 'running' where id = $1", [run?.id]);
  await handOver(messageId);
  await cancelRun(ctx, run?.id ?? "");
  await expectEvent(run?.id ?? "", "run/cancelled");
  expect(told).toEqual([
    { projectId: ctx.project.id, wakesEngine: true },
    { projectId: ctx.project.id, runs: [run?.id] },
  ]);
  const waiting = await arrive();
  await handOver(waiting);
  const [other] = await runsOf(waiting);
  await cancelRun(ctx, other?.id ?? "");
  expect(await sentFor(other?.id ?? "")).toEqual([]);
});

test("a run that is handed back has an event of its own each time, and goes before what waits once it had begun", async () => {
  const messageId = await arrive();
  const [run] = await runsOf(messageId);
  const id = run?.id ?? "";
  await handOver(messageId);
  expect((await handBackRuns(database, [id, randomUUID()])).map((one) => one.id)).toEqual([id]);
  const executor = randomUUID();
  await database.query("update runs set state = 'running', executor_id = $2 where id = $1", [id, executor]);
  expect(await handBackRuns(database, [id])).toEqual([]);
  expect(await handBackRuns(database, [id], randomUUID())).toEqual([]);
  await handBackRuns(database, [id], executor);
  const common = { runId: id, projectId: ctx.project.id };
  const events = (await sentFor(id)).map(({ data }) => eventData["run/requested"].parse(data));
  expect(events).toMatchObject([
    { ...common, priority: 0, again: 1, skipsLane: false },
    { ...common, priority: 600, again: 2, skipsLane: true },
  ]);
  expect(await database.query("select executor_id, asked_again from runs where id = $1", [id])).toEqual([
    { executor_id: null, asked_again: 2 },
  ]);
  await database.query("update runs set state = 'success' where id = $1", [id]);
  expect(await handBackRuns(database, [id])).toEqual([]);
});

test("runs of two projects are announced apart", () => {
  const of = (id: string, projectId: string, messageId: string | null) => ({ id, projectId, messageId });
  expect(announcementsOf([of("1", "p", "m"), of("2", "q", null), of("3", "p", "m")])).toEqual([
    { projectId: "p", runs: ["1", "3"], messages: ["m"], wakesEngine: "runs" },
    { projectId: "q", runs: ["2"], messages: [], wakesEngine: "runs" },
  ]);
});
