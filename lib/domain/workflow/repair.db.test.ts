import { beforeEach, describe, expect, test } from "vitest";
import { attachLibraryJob } from "@/lib/domain/library/attach";
import { createLibraryJob } from "@/lib/domain/library/create";
import { getLibraryJob } from "@/lib/domain/library/get";
import { addLibraryVersion } from "@/lib/domain/library/new-version";
import { getMessage } from "@/lib/domain/message/get";
import { dryRunStep } from "@/lib/domain/run/dry-run";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { getWorkflow } from "./get";
import { repairJob } from "./repair";
import { saveWorkflow } from "./save";

const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
const adaptor = "@openfn/language-common@3.3.4";
const body = "fn(s => ({ ...s, repaired: true }))";
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

const visit = () => getWorkflow(clinic.ctx, { id: clinic.workflows.visit });
const payment = async () => (await visit()).graph.jobs.find(({ id }) => id === clinic.jobs.payment);
const repair = (more: object = {}, ctx = clinic.ctx) =>
  repairJob(
    ctx,
    { id: clinic.workflows.visit, jobId: clinic.jobs.payment, body, lockVersion: 1, ...more },
    deps,
  );

describe("repairing a job", () => {
  test("changes its code and nothing else, as the workflow's next version", async () => {
    const before = await visit();
    const saved = await repair({ jobId: clinic.jobs.payment.toUpperCase() });
    expect(saved).toMatchObject({ id: clinic.workflows.visit, lockVersion: 2, changed: true });
    const after = await visit();
    expect(after.graph).toEqual({
      ...before.graph,
      jobs: before.graph.jobs.map((job) => (job.id === clinic.jobs.payment ? { ...job, body } : job)),
    });
    expect((await expectAudit("workflow.update", clinic.workflows.visit)).after).toMatchObject({
      lockVersion: 2,
    });
  });

  test("with the code that it has saves nothing", async () => {
    expect(await repair({ body: "fn(s => s)" })).toMatchObject({ lockVersion: 1, changed: false });
  });

  test("is refused when the workflow is another version by now, and says which", async () => {
    await repair();
    const refusal = await expectRefusal(repair({ body: "fn(s => 2)" }), "conflict");
    expect(refusal.details).toEqual({ lockVersion: 2 });
    expect((await payment())?.body).toBe(body);
  });

  test("is refused for a job that the present version has no more, and for a workflow that is gone", async () => {
    const { graph } = await visit();
    const jobs = graph.jobs.flatMap(({ adaptorVersion: _, ...job }) =>
      job.id === clinic.jobs.notify ? [] : [job],
    );
    const edges = graph.edges.filter(({ targetJobId }) => targetJobId !== clinic.jobs.notify);
    await saveWorkflow(
      clinic.ctx,
      { ...graph, jobs, edges, id: clinic.workflows.visit, lockVersion: 1 },
      deps,
    );
    await expectRefusal(repair({ jobId: clinic.jobs.notify, lockVersion: 2 }), "not_found");
    await expectRefusal(repair({ id: crypto.randomUUID() }), "not_found");
    // A job of another workflow of the project is none of this one.
    await expectRefusal(repair({ jobId: clinic.jobs.hooked, lockVersion: 2 }), "not_found");
  });

  test("with code that does not compile is refused while a trigger is on, and kept while all are off", async () => {
    const refusal = await expectRefusal(repair({ body: "fn(s => " }), "invalid");
    expect(refusal.message).toContain("The code of Payment does not compile (line 1");
    const { graph, lockVersion } = await visit();
    expect(lockVersion).toBe(1);
    const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) => job);
    const triggers = graph.triggers.map((trigger) => ({ ...trigger, enabled: false }));
    await saveWorkflow(
      clinic.ctx,
      { ...graph, jobs, triggers, id: clinic.workflows.visit, lockVersion },
      deps,
    );
    expect(await repair({ body: "fn(s => ", lockVersion: 2 })).toMatchObject({ lockVersion: 3 });
  });

  test("is for those who may change workflows", async () => {
    await expectRefusal(repair({}, clinic.as("viewer")), "forbidden");
    await expectRefusal(repair({}, (await createClinic()).ctx), "not_found");
  });
});

describe("repairing a job that follows the library", () => {
  let entry: string;
  beforeEach(async () => {
    entry = (await createLibraryJob(clinic.ctx, { name: "Pay", body: "fn(s => s) // 1", adaptor }, deps)).id;
    const { visit: workflowId } = clinic.workflows;
    await attachLibraryJob(clinic.ctx, { id: entry, workflowId, jobId: clinic.jobs.payment });
  });

  test("asks what becomes of that", async () => {
    const refusal = await expectRefusal(repair({ lockVersion: 2 }), "conflict");
    expect(refusal.message).toContain("library: detach");
    expect((await visit()).lockVersion).toBe(2);
  });

  test("changes it alone, and it follows the entry no more", async () => {
    await repair({ lockVersion: 2, library: "detach" });
    expect(await payment()).toMatchObject({ body, libraryJobId: null, libraryVersion: null });
    expect(await getLibraryJob(clinic.ctx, entry)).toMatchObject({ version: 1, uses: [] });
  });

  test("adds the entry's next version, which the job has and others can take over", async () => {
    const { hook: workflowId } = clinic.workflows;
    await attachLibraryJob(clinic.ctx, { id: entry, workflowId, jobId: clinic.jobs.hooked });
    const saved = await repair({ lockVersion: 2, library: "version" });
    expect(saved).toMatchObject({ lockVersion: 3, changed: true });
    expect(saved.graph.jobs.find(({ id }) => id === clinic.jobs.payment)?.body).toBe(body);
    expect(await payment()).toMatchObject({ body, libraryJobId: entry, libraryVersion: 2 });
    const { uses } = await getLibraryJob(clinic.ctx, entry);
    expect(uses.map(({ jobName, version }) => [jobName, version])).toEqual([
      ["Hooked", 1],
      ["Payment", 2],
    ]);
  });

  test("does not put it over a newer version of the entry", async () => {
    await addLibraryVersion(clinic.ctx, { id: entry, version: 1, body: "fn(s => s) // 2" }, deps);
    const refusal = await expectRefusal(repair({ lockVersion: 2, library: "version" }), "conflict");
    expect(refusal.message).toContain("whose newest is 2");
    await repair({ lockVersion: 2, library: "detach" });
    expect((await payment())?.body).toBe(body);
  });
});

test("a step is tried with the job as it ran, or as it is now", async () => {
  const messageId = await clinic.receive({ form: "visit" });
  await clinic.execute(messageId);
  const { workOrders } = await getMessage(clinic.ctx, messageId);
  const steps = workOrders.flatMap(({ runs }) => runs.flatMap((run) => run.steps));
  const stepId = steps.find(({ jobId }) => jobId === clinic.jobs.payment)?.id ?? "";
  await repair();
  const runner = new ScriptedRunner();
  const tryIt = (more: object) => dryRunStep(clinic.ctx, { stepId, ...more }, { runner, memoryMb: 64 });
  await tryIt({});
  await tryIt({ version: "latest" });
  await tryIt({ version: "latest", body: "fn(s => 3)" });
  expect(runner.started.map(({ job }) => job.source)).toEqual(["fn(s => s)", body, "fn(s => 3)"]);
});
