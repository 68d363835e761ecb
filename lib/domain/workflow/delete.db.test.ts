import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { adaptorUses } from "@/lib/domain/adaptor/usage";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { getMessageMatching } from "@/lib/domain/message/matching";
import { resendMessage } from "@/lib/domain/message/resend";
import { clockStates } from "@/lib/domain/retention/held";
import { cancelRun } from "@/lib/domain/run/cancel";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { startRun } from "@/lib/domain/run/start";
import { executeRun } from "@/lib/execution/execute-run";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { deleteWorkflow } from "./delete";
import { getWorkflow } from "./get";
import { listJobs } from "./jobs";
import { listWorkflows } from "./list";
import { pauseWorkflow } from "./pause";
import { restoreVersion } from "./restore";
import { runTrigger } from "./run-trigger";
import { saveWorkflow } from "./save";
import { draft } from "./testing";
import { totalsOf } from "./totals";

const database = testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

const ordersOf = (messageId: string) =>
  database.query<{ workflow_id: string }>("select workflow_id from work_orders where message_id = $1", [
    messageId,
  ]);

/** A workflow with one trigger that starts one job. */
async function save(trigger: Record<string, unknown>, name = `w-${randomUUID()}`) {
  const of = draft(name);
  const [job] = of.jobs;
  const [edge] = of.edges;
  if (!job || !edge) throw new Error("A draft has a job.");
  const id = randomUUID();
  const workflow = {
    ...of,
    triggers: [{ id, ...trigger }] as never,
    jobs: [job],
    edges: [{ ...edge, sourceTriggerId: id }],
  };
  await saveWorkflow(clinic.ctx, workflow, deps);
  return { id: of.id, trigger: id, job: job.id, name };
}

describe("a deleted workflow takes nothing new", () => {
  test("through its URLs", async () => {
    const hook = await save({ type: "webhook", customPath: "visits" });
    await clinic.receive({}, { to: hook.trigger });
    await clinic.receive({}, { to: clinic.project.id, path: ["visits"] });
    await deleteWorkflow(clinic.ctx, { id: hook.id });
    await expect(clinic.receive({}, { to: hook.trigger })).rejects.toThrow("404");
    await expect(clinic.receive({}, { to: clinic.project.id, path: ["visits"] })).rejects.toThrow("404");
    await save({ type: "webhook", customPath: "visits" });
    await clinic.receive({}, { to: clinic.project.id, path: ["visits"] });
  });

  test("through the project's inbox, a message that was kept, a rerun or by hand", async () => {
    const { visit } = clinic.workflows;
    const before = await clinic.receive({ form: "visit" });
    await clinic.execute(before);
    const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [before]);
    await deleteWorkflow(clinic.ctx, { id: visit });
    const after = await clinic.receive({ form: "visit" });
    expect(await ordersOf(after)).toEqual([]);
    const { triggers } = await getMessageMatching(clinic.ctx, after);
    expect(triggers.map(({ workflowId }) => workflowId)).not.toContain(visit);
    const again = await resendMessage(clinic.ctx, { messageId: before, body: '{"form":"visit"}' });
    expect(await ordersOf(again.messageId)).toEqual([]);
    await expectRefusal(rerunRun(clinic.ctx, { runId: run?.id ?? "" }), "conflict");
    await expectRefusal(rerunMessage(clinic.ctx, { messageId: before }), "invalid");
    await expectRefusal(
      rerunMessage(clinic.ctx, { messageId: before, jobId: clinic.jobs.referral }),
      "conflict",
    );
    await expectRefusal(
      startRun(clinic.ctx, { workflowId: visit, jobId: clinic.jobs.referral, json: {} }),
      "not_found",
    );
  });

  test("by the clock, which does not look at it any more", async () => {
    const cron = await save({ type: "cron", cronExpression: "* * * * *" });
    const kept = await save({ type: "cron", cronExpression: "* * * * *" });
    await deleteWorkflow(clinic.ctx, { id: cron.id });
    await expectRefusal(
      runTrigger(clinic.ctx, { workflowId: cron.id, triggerId: cron.trigger }),
      "not_found",
    );
    const due = await database.query<{ id: string }>(
      "select id from triggers where project_id = $1 and next_run_at is not null",
      [clinic.project.id],
    );
    expect(due.map(({ id }) => id)).toEqual([kept.trigger]);
    const host = testExecutionHost(new ScriptedRunner());
    while (await fireDueCronTriggers(host, new Date(Date.now() + 120_000)).then((n) => Number(n) > 0));
    const orders = await database.query<{ workflow_id: string }>(
      "select distinct workflow_id from work_orders where project_id = $1",
      [clinic.project.id],
    );
    expect(orders.map((one) => one.workflow_id)).toEqual([kept.id]);
  });

  test("from another workflow: while one follows its jobs it cannot be deleted, and one that was deleted follows none", async () => {
    const follower = await save({ type: "flow", sourceJobId: clinic.jobs.hooked });
    await expectRefusal(deleteWorkflow(clinic.ctx, { id: clinic.workflows.hook }), "invalid");
    await deleteWorkflow(clinic.ctx, { id: follower.id });
    const message = await clinic.receive({}, { to: clinic.triggers.hook });
    await clinic.execute(message);
    expect((await ordersOf(message)).map((one) => one.workflow_id)).toEqual([clinic.workflows.hook]);
    await deleteWorkflow(clinic.ctx, { id: clinic.workflows.hook });
  });
});

describe("what it had before", () => {
  test("still runs", async () => {
    const message = await clinic.receive({ form: "visit" });
    await deleteWorkflow(clinic.ctx, { id: clinic.workflows.visit });
    await clinic.execute(message);
    const states = await database.query("select state from runs where message_id = $1", [message]);
    expect(states).toEqual([{ state: "success" }]);
  });

  test("waits for nothing that nobody can end: a paused workflow is deleted when no run waits in it", async () => {
    const { hook } = clinic.workflows;
    await pauseWorkflow(clinic.ctx, hook);
    const message = await clinic.receive({}, { to: clinic.triggers.hook });
    await expectRefusal(deleteWorkflow(clinic.ctx, { id: hook }), "conflict");
    const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [
      message,
    ]);
    await cancelRun(clinic.ctx, run?.id ?? "");
    await deleteWorkflow(clinic.ctx, { id: hook });
  });

  test("is not held by the clock when what is old is wiped", async () => {
    const cron = await save({ type: "cron", cronExpression: "* * * * *" });
    await runTrigger(clinic.ctx, { workflowId: cron.id, triggerId: cron.trigger });
    const runs = await database.query<{ id: string }>("select id from runs where workflow_id = $1", [
      cron.id,
    ]);
    for (const { id } of runs)
      await executeRun(testExecutionHost(new ScriptedRunner()), id, (_, work) => work());
    const held = () => clockStates(database, clinic.project.id, [cron.id]);
    expect(await held()).toHaveLength(1);
    await deleteWorkflow(clinic.ctx, { id: cron.id });
    expect(await held()).toEqual([]);
  });
});

describe("where a deleted workflow is not seen", () => {
  test("lists, filters, adaptors and what a project is full of", async () => {
    const { visit } = clinic.workflows;
    await deleteWorkflow(clinic.ctx, { id: visit });
    await expectRefusal(getWorkflow(clinic.ctx, { id: visit }), "not_found");
    expect((await listWorkflows(clinic.ctx)).items.map(({ name }) => name)).toEqual(["Hook"]);
    expect((await listJobs(clinic.ctx)).items.map(({ name }) => name)).toEqual(["Hooked"]);
    const uses = await adaptorUses(clinic.ctx);
    expect(uses.map(({ workflowName }) => workflowName)).toEqual(["Hook"]);
    expect(await totalsOf(clinic.ctx.db, clinic.project.id)).toMatchObject({ workflows: 1, projectJobs: 1 });
  });

  test("its name is free, and its ids are not", async () => {
    await deleteWorkflow(clinic.ctx, { id: clinic.workflows.hook });
    await save({ type: "webhook" }, "Hook");
    await expectRefusal(
      saveWorkflow(clinic.ctx, { ...draft(), id: clinic.workflows.hook }, deps),
      "conflict",
    );
    await expectRefusal(
      saveWorkflow(clinic.ctx, { ...draft(), id: clinic.workflows.hook, lockVersion: 1 }, deps),
      "not_found",
    );
  });
});

test("it is deleted once, with an audit event, by who may write workflows", async () => {
  const { hook } = clinic.workflows;
  await expectRefusal(deleteWorkflow(clinic.as("viewer"), { id: hook }), "forbidden");
  const stranger = await createClinic();
  await expectRefusal(deleteWorkflow(stranger.ctx, { id: hook }), "not_found");
  await deleteWorkflow(clinic.as("editor"), { id: hook });
  await expectRefusal(deleteWorkflow(clinic.ctx, { id: hook }), "not_found");
  const { before } = await expectAudit("workflow.delete", hook);
  expect(before).toEqual({ name: "Hook", lockVersion: 1 });
});

test("one that comes back has its times again, and whoever may send to it", async () => {
  const cron = await save({ type: "cron", cronExpression: "* * * * *" });
  const hook = await save({ type: "webhook" });
  const method = await createAuthMethod(clinic.ctx, { type: "api", name: "Kobo" });
  const living = clinic.triggers.hook;
  await linkAuthMethod(clinic.ctx, { authMethodId: method.id, triggerIds: [hook.trigger, living] });
  await deleteWorkflow(clinic.ctx, { id: cron.id });
  await deleteWorkflow(clinic.ctx, { id: hook.id });
  await linkAuthMethod(clinic.ctx, { authMethodId: method.id, triggerIds: [] });
  await expectRefusal(
    linkAuthMethod(clinic.ctx, { authMethodId: method.id, triggerIds: [hook.trigger] }),
    "not_found",
  );
  await restoreVersion(clinic.ctx, { id: cron.id, version: 1, lockVersion: 1 });
  await restoreVersion(clinic.ctx, { id: hook.id, version: 1, lockVersion: 1 });
  const { triggers } = await getWorkflow(clinic.ctx, { id: cron.id });
  expect(triggers[0]?.nextRunAt).not.toBeNull();
  await expect(clinic.receive({}, { to: hook.trigger })).rejects.toThrow("401");
  await clinic.receive({}, { to: living });
});
