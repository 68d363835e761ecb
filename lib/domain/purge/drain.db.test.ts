import { beforeEach, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createInvitation } from "@/lib/domain/invitation/create";
import { findOpenInvitation } from "@/lib/domain/invitation/find";
import { listMessages } from "@/lib/domain/message/list";
import { resendMessage } from "@/lib/domain/message/resend";
import { deleteProject } from "@/lib/domain/project/delete";
import { restoreProject } from "@/lib/domain/project/restore";
import { rotateInbox } from "@/lib/domain/project/rotate-inbox";
import { updateProject } from "@/lib/domain/project/update";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { executeRun } from "@/lib/execution/execute-run";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { cancelRunning, cancelWaiting, drainedMessage } from "./drain";
import { paceOf } from "./pace";

const database = testDatabase();
const deps = () => ({ pace: paceOf(60_000), announce: () => {} });
let clinic: Clinic;
let ctx: Context;
/** As the next request would make it. */
let closing: Context;

beforeEach(async () => {
  clinic = await createClinic();
  ctx = clinic.ctx;
  closing = { ...ctx, project: { ...ctx.project, deletesAt: new Date(Date.now() + 1e8) } };
});

const close = () => deleteProject(ctx, { confirmName: clinic.project.name });
const runsOf = (messageId: string) =>
  database.query<{
    id: string;
    state: string;
    error_message: string | null;
    cancelled_by: string | null;
    w: string;
  }>(
    `select r.id, r.state, r.error_message, r.cancelled_by, w.state as w
     from runs r join work_orders w on w.id = r.work_order_id where r.message_id = $1 order by r.id`,
    [messageId],
  );
const run = (id: string, runner = new ScriptedRunner()) =>
  executeRun(testExecutionHost(runner), id, (_, work) => work()).then(() => runner.started.length);

test("its URLs answer as unknown ones do, and nothing is stored", async () => {
  await clinic.receive({ form: "visit" });
  await close();
  for (const to of [clinic.project.inboxId, clinic.triggers.hook])
    await expect(clinic.receive({ form: "visit" }, { to })).rejects.toThrow("not accepted: 404");
  expect((await listMessages(ctx, {})).items).toHaveLength(1);
});

test("its clock stands still", async () => {
  await database.query(
    "update triggers set type = 'cron', cron_expression = '* * * * *', next_run_at = now() - interval '1 minute' where id = $1",
    [clinic.triggers.hook],
  );
  await close();
  await fireDueCronTriggers(testExecutionHost(new ScriptedRunner()));
  expect(await database.query("select 1 from runs where project_id = $1", [ctx.project.id])).toEqual([]);
});

test("what waits is cancelled and says who and why; what runs may end", async () => {
  const [waiting, running] = [
    await clinic.receive({ form: "visit" }),
    await clinic.receive({ form: "visit" }),
  ];
  const [under] = await runsOf(running);
  let isStarted = () => {};
  const started = new Promise<void>((resolve) => {
    isStarted = resolve;
  });
  let letEnd = () => {};
  const mayEnd = new Promise<void>((resolve) => {
    letEnd = resolve;
  });
  const execution = run(
    under?.id ?? "",
    new ScriptedRunner(async () => {
      isStarted();
      await mayEnd;
      return {};
    }),
  );
  await started;
  await close();
  expect(await cancelWaiting(database, ctx.project.id, deps())).toBe(1);
  letEnd();
  // Both of its jobs: the one that ran, and the one that came after.
  expect(await execution).toBe(2);
  const by = ctx.actor.type === "user" ? ctx.actor.userId : "";
  expect(await runsOf(waiting)).toMatchObject([
    { state: "cancelled", error_message: drainedMessage, cancelled_by: by, w: "cancelled" },
  ]);
  expect(await runsOf(running)).toMatchObject([{ state: "success", w: "success" }]);
});

test("a run that waits is not started any more, whoever gets to it first", async () => {
  const messageId = await clinic.receive({ form: "visit" });
  await close();
  const [waiting] = await runsOf(messageId);
  expect(await run(waiting?.id ?? "")).toBe(0);
  expect(await runsOf(messageId)).toMatchObject([{ state: "pending" }]);
});

test("nothing is changed or started in it, and looking goes on", async () => {
  const messageId = await clinic.receive({ form: "visit" });
  const invited = await createInvitation(ctx, { email: "late@example.org", role: "viewer" });
  await clinic.execute(messageId);
  await elevenSecondsLater(messageId);
  const [last] = await runsOf(messageId);
  await close();
  const attempts = [
    rerunMessage(closing, { messageId }),
    rerunRun(closing, { runId: last?.id ?? "" }),
    resendMessage(closing, { messageId, body: "{}" }),
    updateProject(closing, { description: "x" }),
    rotateInbox(closing),
    createInvitation(closing, { email: "later@example.org", role: "viewer" }),
  ];
  for (const attempt of attempts) await expectRefusal(attempt, "conflict");
  expect(await findOpenInvitation(ctx.db, invited.link?.split("/").at(-1) ?? "")).toBeUndefined();
  expect((await listMessages(closing, {})).items).toHaveLength(1);
});

test("undone, it has all that it had, and what was cancelled can be run again", async () => {
  const messageId = await clinic.receive({ form: "visit" });
  await close();
  await cancelWaiting(database, ctx.project.id, deps());
  await restoreProject(closing);
  await clinic.receive({ form: "visit" });
  await elevenSecondsLater(messageId);
  const { runIds } = await rerunMessage(ctx, { messageId });
  expect(await run(runIds[0] ?? "")).toBe(2);
  expect((await runsOf(messageId)).map(({ state }) => state)).toEqual(["cancelled", "success"]);
});

test("when its time is over, what still runs is stopped the way a person's cancelling does", async () => {
  const messageId = await clinic.receive({ form: "visit" });
  const [one] = await runsOf(messageId);
  await database.query("update runs set state = 'running', started_at = now() where id = $1", [one?.id]);
  await close();
  expect(await cancelRunning(database, ctx.project.id, deps())).toBe(0);
  await database.query("update projects set deletes_at = now() where id = $1", [ctx.project.id]);
  expect(await cancelRunning(database, ctx.project.id, deps())).toBe(1);
  expect(await cancelRunning(database, ctx.project.id, deps())).toBe(0);
  const sent = await database.query(
    "select event, data, project_id from outbox where data->>'runId' = $1 and event = 'run/cancelled'",
    [one?.id],
  );
  const { id } = ctx.project;
  expect(sent).toEqual([{ event: "run/cancelled", data: { runId: one?.id, projectId: id }, project_id: id }]);
});
