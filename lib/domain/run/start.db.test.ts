import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { listSavedInputs } from "@/lib/domain/dataclip/list";
import { getMessage } from "@/lib/domain/message/get";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { getRun } from "./get";
import { listRuns } from "./list";
import { rerunRun } from "./rerun";
import { startRun } from "./start";

const database = testDatabase();
let clinic: Clinic;
let workflowId: string;

beforeEach(async () => {
  clinic = await createClinic();
  workflowId = clinic.workflows.visit;
});

/** Runs it, and returns what each job began with. */
async function inputsOf(runId: string): Promise<[string, unknown][]> {
  const seen: [string, unknown][] = [];
  const runner = new ScriptedRunner(({ job, input }) => {
    seen.push([job.name, JSON.parse(input)]);
    return {};
  });
  await executeRun(testExecutionHost(runner), runId, (_, work) => work());
  return seen;
}

const orderOf = async (workOrderId: string) =>
  (
    await database.query(
      `select workflow_id as "workflowId", message_id as "messageId", dataclip_id as "dataclipId", trigger_id as "triggerId"
       from work_orders where id = $1`,
      [workOrderId],
    )
  )[0];

describe("a manual run", () => {
  test("is a work order of its own with one immediate run of the person who started it", async () => {
    const started = await startRun(clinic.ctx, { workflowId, json: { data: { form: "x" } } });
    expect(await getRun(clinic.ctx, started.runId)).toMatchObject({
      state: "pending",
      priority: "immediate",
      createdBy: clinic.ctx.actor.label,
      workOrderId: started.workOrderId,
      startingTriggerId: clinic.triggers.visit,
      startingJobId: null,
      messageId: null,
      input: { dataclipId: started.dataclipId, name: null, type: "saved_input" },
    });
    expect(await orderOf(started.workOrderId)).toMatchObject({
      workflowId,
      messageId: null,
      dataclipId: started.dataclipId,
    });
    const [row] = await database.query("select type, name, body from dataclips where id = $1", [
      started.dataclipId,
    ]);
    expect(row).toEqual({ type: "saved_input", name: null, body: '{"data":{"form":"x"}}' });
    const events = await database.query("select data from outbox where data->>'runId' = $1", [started.runId]);
    expect(events.map(({ data }) => data)).toMatchObject([{ workflowId, priority: 100 }]);
    expect((await expectAudit("run.start", started.runId)).after).toEqual({
      workflowId,
      triggerId: clinic.triggers.visit,
      messageId: null,
      dataclipId: started.dataclipId,
    });
  });

  test("begins at the enabled trigger with the state that was brought, as it is", async () => {
    const { runId } = await startRun(clinic.ctx, { workflowId, json: { data: { form: "x" }, more: [1] } });
    const state = { data: { form: "x" }, more: [1] };
    expect(await inputsOf(runId)).toEqual([
      ["Referral", state],
      ["Payment", state],
    ]);
    expect((await getRun(clinic.ctx, runId)).state).toBe("success");
  });

  test("begins at a chosen job, and goes on from there", async () => {
    const { runId } = await startRun(clinic.ctx, { workflowId, jobId: clinic.jobs.notify, json: { a: 1 } });
    expect(await getRun(clinic.ctx, runId)).toMatchObject({
      startingJobId: clinic.jobs.notify,
      startingTriggerId: null,
    });
    expect(await inputsOf(runId)).toEqual([["Notify", { a: 1 }]]);
  });

  test("without an input begins with an empty state", async () => {
    const { runId } = await startRun(clinic.ctx, { workflowId, jobId: clinic.jobs.referral });
    expect(await inputsOf(runId)).toEqual([["Referral", {}]]);
  });

  test("takes a saved input, and saves one that is brought with a name", async () => {
    const first = await startRun(clinic.ctx, { workflowId, json: { a: 1 }, name: "Mine" });
    expect((await listSavedInputs(clinic.ctx)).items).toMatchObject([{ id: first.dataclipId, name: "Mine" }]);
    const again = { workflowId, jobId: clinic.jobs.referral, dataclipId: first.dataclipId ?? "" };
    expect(await inputsOf((await startRun(clinic.ctx, again)).runId)).toEqual([["Referral", { a: 1 }]]);
    await expectRefusal(startRun(clinic.ctx, { workflowId, json: {}, name: "Mine" }), "conflict");
    expect((await listRuns(clinic.ctx, {})).items).toHaveLength(2);
  });

  test("takes a message, which shows it on its receipt, and waits ten seconds for the same job", async () => {
    const messageId = await clinic.receive({ form: "other", n: 1 });
    const started = await startRun(clinic.ctx, { workflowId, messageId });
    expect(started).toMatchObject({ messageId, dataclipId: null });
    const seen = await inputsOf(started.runId);
    expect(seen[0]).toMatchObject([
      "Referral",
      { data: { form: "other", n: 1 }, request: { method: "POST" } },
    ]);
    const { workOrders, jobStates } = await getMessage(clinic.ctx, messageId);
    expect(workOrders.map(({ id }) => id)).toEqual([started.workOrderId]);
    expect(jobStates.map(({ jobName, result }) => [jobName, result])).toEqual([
      ["Referral", "success"],
      ["Payment", "success"],
    ]);
    const refusal = await expectRefusal(startRun(clinic.ctx, { workflowId, messageId }), "conflict");
    expect(refusal.message).toMatch(/try again in (10|[1-9]) s/);
    await elevenSecondsLater(messageId);
    expect((await startRun(clinic.ctx, { workflowId, messageId })).workOrderId).not.toBe(started.workOrderId);
  });

  test("is rerun with the input that it had", async () => {
    const { runId } = await startRun(clinic.ctx, { workflowId, json: { a: 1 } });
    await inputsOf(runId);
    const [again = ""] = (await rerunRun(clinic.ctx, { runId })).runIds;
    expect((await inputsOf(again))[0]).toEqual(["Referral", { a: 1 }]);
  });

  test("begins at a trigger that is switched off when it is named, and at a job of one that has none", async () => {
    const { graph, lockVersion } = await getWorkflow(clinic.ctx, { id: workflowId });
    const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) => job);
    const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
    const off = graph.triggers.map((trigger) => ({ ...trigger, enabled: false }));
    const next = { ...graph, jobs, id: workflowId, lockVersion };
    await saveWorkflow(clinic.ctx, { ...next, triggers: off }, deps);
    await startRun(clinic.ctx, { workflowId, triggerId: clinic.triggers.visit });
    const edges = graph.edges.filter(({ sourceTriggerId }) => sourceTriggerId === null);
    await saveWorkflow(clinic.ctx, { ...next, edges, lockVersion: lockVersion + 1 }, deps);
    expect((await expectRefusal(startRun(clinic.ctx, { workflowId }), "conflict")).message).toContain(
      "No enabled edge",
    );
    await saveWorkflow(clinic.ctx, { ...next, edges, triggers: [], lockVersion: lockVersion + 2 }, deps);
    expect((await expectRefusal(startRun(clinic.ctx, { workflowId }), "conflict")).message).toContain(
      "no trigger",
    );
    expect(await startRun(clinic.ctx, { workflowId, jobId: clinic.jobs.notify })).toBeTruthy();
  });

  test("of an input, job or workflow that is gone is refused, and leaves nothing behind", async () => {
    const { id: dataclipId } = await keepInput(clinic.ctx, { name: "Wiped", json: {} });
    await database.query("update dataclips set name = null, body = null, wiped_at = now() where id = $1", [
      dataclipId,
    ]);
    const clips = () =>
      database
        .query("select id from dataclips where project_id = $1", [clinic.project.id])
        .then((r) => r.length);
    const before = await clips();
    const refusal = await expectRefusal(startRun(clinic.ctx, { workflowId, dataclipId }), "conflict");
    expect(refusal.message).toContain("wiped");
    await expectRefusal(startRun(clinic.ctx, { workflowId, dataclipId: randomUUID() }), "not_found");
    await expectRefusal(startRun(clinic.ctx, { workflowId, messageId: randomUUID() }), "not_found");
    const otherJob = { workflowId, jobId: clinic.jobs.hooked, json: { a: 1 } };
    await expectRefusal(startRun(clinic.ctx, otherJob), "not_found");
    await database.query("update workflows set deleted_at = now() where id = $1", [workflowId]);
    await expectRefusal(startRun(clinic.ctx, { workflowId, json: {} }), "not_found");
    expect(await clips()).toBe(before);
    expect((await listRuns(clinic.ctx, {})).items).toEqual([]);
  });

  test("names one start and one input", async () => {
    const { notify: jobId } = clinic.jobs;
    const messageId = randomUUID();
    const both = { workflowId, jobId, triggerId: clinic.triggers.visit };
    await expect(async () => startRun(clinic.ctx, both)).rejects.toThrow("Name one of triggerId, jobId.");
    await expect(async () => startRun(clinic.ctx, { workflowId, messageId, json: {} })).rejects.toThrow(
      "Name one of messageId, dataclipId, json.",
    );
    await expect(async () => startRun(clinic.ctx, { workflowId, name: "x" })).rejects.toThrow("sent along");
  });

  test("is not for strangers and viewers", async () => {
    const stranger = await createClinic();
    await expectRefusal(startRun(stranger.ctx, { workflowId }), "not_found");
    await expectRefusal(startRun(clinic.as("viewer"), { workflowId }), "forbidden");
    expect(await startRun(clinic.as("editor"), { workflowId })).toBeTruthy();
  });
});
