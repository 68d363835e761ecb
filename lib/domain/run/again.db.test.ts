import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { getMessage } from "@/lib/domain/message/get";
import { type Clinic, createClinic, elevenSecondsLater, renameWorkflow } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { cancelRun } from "./cancel";
import { getRun } from "./get";
import { listRuns } from "./list";
import { rerunMessage, rerunRun } from "./rerun";

const database = testDatabase();
let clinic: Clinic;
let messageId: string;
let runId: string;

beforeEach(async () => {
  clinic = await createClinic();
  messageId = await clinic.receive({ form: "visit" });
  runId = (await listRuns(clinic.ctx, {})).items[0]?.id ?? "";
});

const events = (id: string) =>
  database.query<{ event: string; data: Record<string, unknown>; project_id: string | null }>(
    "select event, data, project_id from outbox where data->>'runId' = $1 order by id",
    [id],
  );
const workOrder = async () => (await getMessage(clinic.ctx, messageId)).workOrders[0];
const isRunning = () =>
  database.query("update runs set state = 'running', started_at = now() where id = $1", [runId]);

describe("cancelling", () => {
  test("a run that waits ends it at once, and its work order", async () => {
    expect(await cancelRun(clinic.ctx, runId)).toEqual({ state: "cancelled" });
    expect(await getRun(clinic.ctx, runId)).toMatchObject({ state: "cancelled", errorType: "Cancelled" });
    expect((await workOrder())?.state).toBe("cancelled");
    expect((await events(runId)).map((e) => e.event)).toEqual(["run/requested"]);
    expect((await expectAudit("run.cancel", runId)).before).toEqual({ state: "pending" });
    await clinic.execute(messageId);
    expect((await getRun(clinic.ctx, runId)).detailedSteps).toEqual([]);
  });

  test("a run that runs asks for its end, once or twice", async () => {
    await isRunning();
    expect(await cancelRun(clinic.ctx, runId)).toEqual({ state: "running" });
    const { cancelRequestedAt } = await getRun(clinic.ctx, runId);
    expect(cancelRequestedAt).not.toBeNull();
    await cancelRun(clinic.ctx, runId);
    expect((await getRun(clinic.ctx, runId)).cancelRequestedAt).toBe(cancelRequestedAt);
    const cancelled = (await events(runId)).filter((e) => e.event === "run/cancelled");
    const asked = { runId, projectId: clinic.ctx.project.id };
    expect(cancelled.map((e) => e.data)).toEqual([asked, asked]);
    expect(cancelled.map((e) => e.project_id)).toEqual([asked.projectId, asked.projectId]);
  });

  test("a run that has ended is refused, and changes nothing", async () => {
    await clinic.execute(messageId);
    const before = await getRun(clinic.ctx, runId);
    await expectRefusal(cancelRun(clinic.ctx, runId), "conflict");
    expect(await getRun(clinic.ctx, runId)).toEqual(before);
  });

  test("one of two attempts leaves the work order to the other", async () => {
    await clinic.execute(messageId);
    await elevenSecondsLater(messageId);
    const { runIds } = await rerunRun(clinic.ctx, { runId });
    expect((await workOrder())?.state).toBe("pending");
    await elevenSecondsLater(messageId);
    const second = await rerunRun(clinic.ctx, { runId });
    await cancelRun(clinic.ctx, second.runIds[0] ?? "");
    expect((await workOrder())?.state).toBe("pending");
    await cancelRun(clinic.ctx, runIds[0] ?? "");
    expect((await workOrder())?.state).toBe("cancelled");
  });

  test("is not for strangers and viewers", async () => {
    const stranger = await createClinic();
    await expectRefusal(cancelRun(stranger.ctx, runId), "not_found");
    await expectRefusal(cancelRun(clinic.ctx, randomUUID()), "not_found");
    await expectRefusal(cancelRun(clinic.as("viewer"), runId), "forbidden");
    expect((await getRun(clinic.ctx, runId)).state).toBe("pending");
    expect(await cancelRun(clinic.as("editor"), runId)).toEqual({ state: "cancelled" });
  });
});

describe("a run again", () => {
  beforeEach(async () => {
    await clinic.execute(messageId, ({ job }) => (job.name === "Payment" ? failure() : {}));
    await elevenSecondsLater(messageId);
  });
  const stepOf = async (name: string) =>
    (await getRun(clinic.ctx, runId)).detailedSteps.find((step) => step.jobName === name)?.id ?? "";
  const stepsOf = async (id: string) =>
    (await getRun(clinic.ctx, id)).detailedSteps.map((step) => [step.jobName, step.linked]);

  test("starts at its trigger, on its work order, ahead of what arrives by itself", async () => {
    const [id = "", ...more] = (await rerunRun(clinic.ctx, { runId })).runIds;
    expect(more).toEqual([]);
    const run = await getRun(clinic.ctx, id);
    expect(run).toMatchObject({
      state: "pending",
      priority: "immediate",
      attempt: 2,
      startingTriggerId: clinic.triggers.visit,
      startingJobId: null,
      createdBy: clinic.ctx.actor.label,
      workOrderId: (await getRun(clinic.ctx, runId)).workOrderId,
    });
    expect((await events(id)).map((e) => e.data)).toEqual([
      { runId: id, projectId: clinic.project.id, workflowId: clinic.workflows.visit, priority: 100 },
    ]);
    await clinic.execute(messageId);
    expect(await stepsOf(id)).toEqual([
      ["Referral", false],
      ["Payment", false],
    ]);
    expect((await expectAudit("run.rerun", runId)).after).toMatchObject({ runIds: [id] });
  });

  test("from a step on counts the steps before it as done", async () => {
    const fromStepId = await stepOf("Notify");
    const [id = ""] = (await rerunRun(clinic.ctx, { runId, fromStepId })).runIds;
    expect((await getRun(clinic.ctx, id)).startingJobId).toBe(clinic.jobs.notify);
    await clinic.execute(messageId);
    expect(await stepsOf(id)).toEqual([
      ["Referral", true],
      ["Payment", true],
      ["Notify", false],
    ]);
  });

  test("from a step that is not the run's is refused", async () => {
    const other = await clinic.receive({ form: "visit" });
    await clinic.execute(other);
    const [step] = await database.query<{ id: string }>("select id from steps where message_id = $1", [
      other,
    ]);
    await expectRefusal(rerunRun(clinic.ctx, { runId, fromStepId: step?.id ?? "" }), "not_found");
  });

  test("uses the newest version, or the one that ran", async () => {
    const first = (await getRun(clinic.ctx, runId)).snapshot.id;
    await database.query(
      `with s as (insert into snapshots (project_id, workflow_id, lock_version, graph)
         select project_id, workflow_id, 99, graph from snapshots where id = $1 returning id)
       update workflows set snapshot_id = s.id from s where workflows.id = $2`,
      [first, clinic.workflows.visit],
    );
    const [original = ""] = (await rerunRun(clinic.ctx, { runId, version: "original" })).runIds;
    expect((await getRun(clinic.ctx, original)).snapshot).toMatchObject({ id: first, isLatest: false });
    await elevenSecondsLater(messageId);
    const [latest = ""] = (await rerunRun(clinic.ctx, { runId })).runIds;
    expect((await getRun(clinic.ctx, latest)).snapshot).toMatchObject({ lockVersion: 99, isLatest: true });
  });

  test("on the version of then runs on the run's own, also when it was itself a rerun", async () => {
    await renameWorkflow(clinic, clinic.workflows.visit, "second");
    const [second = ""] = (await rerunRun(clinic.ctx, { runId })).runIds;
    await clinic.execute(messageId, ({ job }) => (job.name === "Payment" ? failure() : {}));
    await renameWorkflow(clinic, clinic.workflows.visit, "third");
    const versionOf = async ([id = ""]: string[]) => {
      await elevenSecondsLater(messageId);
      return (await getRun(clinic.ctx, id)).snapshot.lockVersion;
    };
    await elevenSecondsLater(messageId);
    const original = { version: "original" } as const;
    expect(await versionOf((await rerunRun(clinic.ctx, { runId: second, ...original })).runIds)).toBe(2);
    const ofPayment = { messageId, jobId: clinic.jobs.payment };
    expect(await versionOf((await rerunMessage(clinic.ctx, { ...ofPayment, ...original })).runIds)).toBe(2);
    expect(await versionOf((await rerunRun(clinic.ctx, { runId, ...original })).runIds)).toBe(1);
    expect(await versionOf((await rerunRun(clinic.ctx, { runId })).runIds)).toBe(3);
  });

  test("whose job or workflow is gone is refused", async () => {
    const fromStepId = await stepOf("Notify");
    await database.query(
      `with s as (insert into snapshots (project_id, workflow_id, lock_version, graph)
         select project_id, workflow_id, 99, jsonb_set(graph, '{jobs}', '[]') from snapshots where workflow_id = $1 limit 1 returning id)
       update workflows set snapshot_id = s.id from s where workflows.id = $1`,
      [clinic.workflows.visit],
    );
    await expectRefusal(rerunRun(clinic.ctx, { runId, fromStepId }), "conflict");
    expect((await rerunRun(clinic.ctx, { runId, fromStepId, version: "original" })).runIds).toHaveLength(1);
    await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.visit]);
    await expectRefusal(rerunRun(clinic.ctx, { runId, version: "original" }), "conflict");
  });

  test("is refused within ten seconds of the last start, with the time to wait", async () => {
    await rerunRun(clinic.ctx, { runId });
    await clinic.execute(messageId);
    const refusal = await expectRefusal(rerunRun(clinic.ctx, { runId }), "conflict");
    expect(refusal.message).toMatch(/try again in (10|[1-9]) s/);
  });

  test("is not for strangers and viewers", async () => {
    const stranger = await createClinic();
    await expectRefusal(rerunRun(stranger.ctx, { runId }), "not_found");
    await expectRefusal(rerunRun(clinic.as("viewer"), { runId }), "forbidden");
    expect((await listRuns(clinic.ctx, {})).items).toHaveLength(1);
  });
});

describe("a message again", () => {
  test("runs every workflow that has processed it, or the one that is named", async () => {
    await clinic.execute(messageId);
    await elevenSecondsLater(messageId);
    const byHand = await rerunMessage(clinic.ctx, { messageId, workflowId: clinic.workflows.hook });
    expect(byHand.runIds).toHaveLength(1);
    await clinic.execute(messageId);
    await elevenSecondsLater(messageId);
    const again = await rerunMessage(clinic.ctx, { messageId });
    const ran = await Promise.all(again.runIds.map((id) => getRun(clinic.ctx, id)));
    expect(ran.map((run) => run.workflowName).sort()).toEqual(["Hook", "Visit"]);
    const names = (await getMessage(clinic.ctx, messageId)).workOrders.map((o) => [
      o.workflowName,
      o.runs.length,
    ]);
    expect(names.sort()).toEqual([
      ["Hook", 2],
      ["Visit", 2],
    ]);
  });

  test("that nothing has processed asks for a workflow", async () => {
    const unmatched = await clinic.receive({ form: "other" });
    await expectRefusal(rerunMessage(clinic.ctx, { messageId: unmatched }), "invalid");
  });

  test("is not for strangers and viewers, and not with a stranger's job or workflow", async () => {
    const stranger = await createClinic();
    await expectRefusal(rerunMessage(stranger.ctx, { messageId }), "not_found");
    await expectRefusal(rerunMessage(clinic.as("viewer"), { messageId }), "forbidden");
    await expectRefusal(rerunMessage(clinic.ctx, { messageId, jobId: stranger.jobs.payment }), "not_found");
    await expectRefusal(
      rerunMessage(clinic.ctx, { messageId, workflowId: stranger.workflows.visit }),
      "conflict",
    );
    expect((await listRuns(clinic.ctx, {})).items).toHaveLength(1);
    expect((await listRuns(stranger.ctx, {})).items).toEqual([]);
  });
});
