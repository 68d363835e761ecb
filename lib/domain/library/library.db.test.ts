import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { upgradeAdaptor } from "@/lib/domain/adaptor/upgrade";
import { importProject } from "@/lib/domain/project/import";
import { getRun } from "@/lib/domain/run/get";
import { startRun } from "@/lib/domain/run/start";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { expectAudit, expectRefusal, userContextFor } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { JobNode } from "@/lib/workflow/types";
import { attachLibraryJob, detachLibraryJob } from "./attach";
import { createLibraryJob } from "./create";
import { deleteLibraryJob } from "./delete";
import { getLibraryJob } from "./get";
import { listLibrary } from "./list";
import { addLibraryVersion } from "./new-version";
import { takeOverVersion } from "./take-over";
import { updateLibraryJob } from "./update";
import { getLibraryDifference, getLibraryVersion, listLibraryVersions } from "./versions";

const database = testDatabase();
const adaptor = "@openfn/language-common@3.3.4";
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let clinic: Clinic;
let id: string;

beforeEach(async () => {
  clinic = await createClinic();
  id = (await createLibraryJob(clinic.ctx, { name: "Pay", body: "fn(s => s) // 1", adaptor }, deps)).id;
});

const jobOf = async (workflowId: string, jobId: string): Promise<JobNode | undefined> =>
  (await getWorkflow(clinic.ctx, { id: workflowId })).graph.jobs.find((job) => job.id === jobId);
const payment = () => jobOf(clinic.workflows.visit, clinic.jobs.payment);
const hooked = () => jobOf(clinic.workflows.hook, clinic.jobs.hooked);
const attach = (workflowId: string, jobId: string) => attachLibraryJob(clinic.ctx, { id, workflowId, jobId });
const attachBoth = async () => {
  await attach(clinic.workflows.visit, clinic.jobs.payment);
  await attach(clinic.workflows.hook, clinic.jobs.hooked);
};
const addVersion = (more: object = {}) =>
  addLibraryVersion(clinic.ctx, { id, version: 1, body: "fn(s => s) // 2", ...more }, deps);
const uses = async () =>
  (await getLibraryJob(clinic.ctx, id)).uses.map(({ jobName, version }) => [jobName, version]);

/** Saves the workflow with a job changed. */
async function saveJob(workflowId: string, jobId: string, change: Partial<JobNode>) {
  const { graph, lockVersion } = await getWorkflow(clinic.ctx, { id: workflowId });
  const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) =>
    job.id === jobId ? { ...job, ...change } : job,
  );
  return saveWorkflow(clinic.ctx, { ...graph, jobs, id: workflowId, lockVersion }, deps);
}

describe("a library entry", () => {
  test("has a name of its own in its project and begins with version 1", async () => {
    const entry = await getLibraryJob(clinic.ctx, id);
    expect(entry).toMatchObject({ name: "Pay", version: 1, body: "fn(s => s) // 1", adaptor, uses: [] });
    await expectRefusal(createLibraryJob(clinic.ctx, { name: "Pay", body: "x", adaptor }, deps), "conflict");
    const other = await createClinic();
    await createLibraryJob(other.ctx, { name: "Pay", body: "x", adaptor }, deps);
    expect((await expectAudit("library.create", id)).after).toMatchObject({ name: "Pay", adaptor });
  });

  test("is made of a job, which is of it from then on", async () => {
    const { visit: workflowId } = clinic.workflows;
    const asked = { name: "Referral", workflowId, jobId: clinic.jobs.referral };
    const made = await createLibraryJob(clinic.ctx, asked, deps);
    expect(made.workflows).toMatchObject([{ id: workflowId, lockVersion: 2 }]);
    expect(await jobOf(workflowId, clinic.jobs.referral)).toMatchObject({
      body: "fn(s => s)",
      libraryJobId: made.id,
      libraryVersion: 1,
    });
    const again = createLibraryJob(clinic.ctx, { ...asked, name: "Another" }, deps);
    expect((await expectRefusal(again, "conflict")).message).toContain("already");
    expect((await listLibrary(clinic.ctx)).items.map(({ name }) => name)).toEqual(["Pay", "Referral"]);
  });

  test("gives a job its code and adaptor; name, credential and the rest stay the job's", async () => {
    await attach(clinic.workflows.visit, clinic.jobs.payment);
    expect(await payment()).toMatchObject({
      name: "Payment",
      body: "fn(s => s) // 1",
      adaptor,
      adaptorVersion: "3.3.4",
      libraryJobId: id,
      libraryVersion: 1,
    });
    expect((await getWorkflow(clinic.ctx, { id: clinic.workflows.visit })).lockVersion).toBe(2);
    expect((await expectAudit("library.attach", id)).after).toMatchObject({ version: 1 });
  });

  test("is renamed and described, its versions untouched", async () => {
    expect(await updateLibraryJob(clinic.ctx, { id, name: "Pay out", description: "By phone" })).toEqual({
      id,
      name: "Pay out",
      description: "By phone",
    });
    expect((await getLibraryJob(clinic.ctx, id)).version).toBe(1);
    await createLibraryJob(clinic.ctx, { name: "Other", body: "x", adaptor }, deps);
    await expectRefusal(updateLibraryJob(clinic.ctx, { id, name: "Other" }), "conflict");
    expect((await expectAudit("library.update", id)).before).toEqual({ name: "Pay", description: null });
  });
});

describe("saving a job that names an entry", () => {
  beforeEach(attachBoth);

  test("with other code or another adaptor is refused with what to do", async () => {
    const { visit } = clinic.workflows;
    const refusal = await expectRefusal(saveJob(visit, clinic.jobs.payment, { body: "other" }), "conflict");
    expect(refusal.message).toBe(
      '"Payment" is of the library entry "Pay", version 1, and its code is another one. Save it as a new version of the entry, which its other users can take over, or detach the job (leave out libraryJobId and libraryVersion) to change it alone.',
    );
    const adaptorChanged = { adaptor: "@openfn/language-common@3.3.5" };
    const other = await expectRefusal(saveJob(visit, clinic.jobs.payment, adaptorChanged), "conflict");
    expect(other.message).toContain("its adaptor is another one");
    expect((await payment())?.body).toBe("fn(s => s) // 1");
  });

  test("with its own settings is taken", async () => {
    await saveJob(clinic.workflows.visit, clinic.jobs.payment, { name: "Pay them" });
    expect(await payment()).toMatchObject({ name: "Pay them", libraryVersion: 1 });
  });

  test("without the entry detaches it, and another version needs that version's code", async () => {
    await addVersion();
    const { visit } = clinic.workflows;
    await expectRefusal(saveJob(visit, clinic.jobs.payment, { libraryVersion: 2 }), "conflict");
    await saveJob(visit, clinic.jobs.payment, { libraryVersion: 2, body: "fn(s => s) // 2" });
    await saveJob(visit, clinic.jobs.payment, { libraryJobId: null, libraryVersion: null, body: "own" });
    expect(await uses()).toEqual([["Hooked", 1]]);
  });

  test("of an entry or version that is not there, or of half of it, is refused", async () => {
    const change = (more: Partial<JobNode>) => saveJob(clinic.workflows.visit, clinic.jobs.payment, more);
    await expectRefusal(change({ libraryVersion: 2 }), "invalid");
    await expectRefusal(change({ libraryJobId: randomUUID() }), "invalid");
    await expectRefusal(change({ libraryVersion: null }), "invalid");
    const stranger = await createClinic();
    const theirs = await createLibraryJob(stranger.ctx, { name: "Pay", body: "x", adaptor }, deps);
    await expectRefusal(change({ libraryJobId: theirs.id, body: "x" }), "invalid");
  });
});

describe("a new version", () => {
  beforeEach(attachBoth);

  test("changes nobody by itself, and says who uses the entry and at which version", async () => {
    const added = await addVersion({ note: "Faster" });
    expect(added).toMatchObject({ version: 2, workflows: [] });
    expect(
      added.behind.map(({ workflowName, jobName, version }) => [workflowName, jobName, version]),
    ).toEqual([
      ["Hook", "Hooked", 1],
      ["Visit", "Payment", 1],
    ]);
    expect((await payment())?.body).toBe("fn(s => s) // 1");
    const [row] = (await listLibrary(clinic.ctx)).items;
    expect(row).toMatchObject({ name: "Pay", version: 2, uses: 2, behind: 2 });
    expect((await listLibraryVersions(clinic.ctx, { id })).items).toMatchObject([
      { version: 2, note: "Faster", createdBy: clinic.ctx.actor.label },
      { version: 1, note: null },
    ]);
    expect((await getLibraryVersion(clinic.ctx, { id, version: 1 })).body).toBe("fn(s => s) // 1");
    expect(await getLibraryDifference(clinic.ctx, { id })).toMatchObject({
      from: 1,
      to: 2,
      code: { removed: 1, added: 1 },
    });
  });

  test("is taken over by chosen workflows with it, or by all afterwards: a version of each, and the audit", async () => {
    const added = await addVersion({ workflows: [clinic.workflows.hook] });
    expect(added.workflows).toMatchObject([{ id: clinic.workflows.hook, lockVersion: 3 }]);
    expect(await uses()).toEqual([
      ["Hooked", 2],
      ["Payment", 1],
    ]);
    expect(await hooked()).toMatchObject({ body: "fn(s => s) // 2", libraryVersion: 2 });
    const taken = await takeOverVersion(clinic.ctx, { id, workflows: "all" });
    expect(taken).toMatchObject({ version: 2, workflows: [{ id: clinic.workflows.visit, lockVersion: 3 }] });
    expect((await payment())?.body).toBe("fn(s => s) // 2");
    expect((await expectAudit("library.take_over", id)).after).toEqual({
      version: 2,
      workflows: [clinic.workflows.visit],
    });
    const saved = await database.query(
      "select event from audit_events where item_id = $1 and event = 'workflow.update'",
      [clinic.workflows.visit],
    );
    expect(saved).toHaveLength(2);
  });

  test("goes back to an older version the same way", async () => {
    await addVersion({ workflows: "all" });
    await takeOverVersion(clinic.ctx, { id, version: 1, workflows: "all" });
    expect(await uses()).toEqual([
      ["Hooked", 1],
      ["Payment", 1],
    ]);
  });

  test("is taken over by all or by nobody", async () => {
    const { hook } = clinic.workflows;
    await expectRefusal(addVersion({ workflows: [hook, randomUUID()] }), "invalid");
    expect((await getLibraryJob(clinic.ctx, id)).version).toBe(1);
    expect(await uses()).toEqual([
      ["Hooked", 1],
      ["Payment", 1],
    ]);
  });

  test("of two at the same time is one: the other is told to load it again", async () => {
    const said = await Promise.allSettled([addVersion({ body: "a" }), addVersion({ body: "b" })]);
    expect(said.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await expectRefusal(addVersion({ body: "c" }), "conflict")).message).toContain("somebody else");
    await expectRefusal(
      addVersion({ version: 2, body: (await getLibraryJob(clinic.ctx, id)).body }),
      "invalid",
    );
  });

  test("lets runs be what they were: a waiting one runs the code that it was queued with", async () => {
    const { runId } = await startRun(clinic.ctx, { workflowId: clinic.workflows.hook });
    await addVersion({ workflows: "all" });
    const seen: string[] = [];
    const runner = new ScriptedRunner(({ job }) => {
      seen.push(job.source);
      return {};
    });
    await executeRun(testExecutionHost(runner), runId, (_, work) => work());
    expect(seen).toEqual(["fn(s => s) // 1"]);
    await detachLibraryJob(clinic.ctx, { id, jobId: clinic.jobs.hooked });
    await detachLibraryJob(clinic.ctx, { id, jobId: clinic.jobs.payment });
    await deleteLibraryJob(clinic.ctx, id);
    const [job] = (await getRun(clinic.ctx, runId)).snapshot.graph.jobs;
    expect(job).toMatchObject({ body: "fn(s => s) // 1", libraryJobId: id, libraryVersion: 1 });
  });
});

test("a detached job keeps its code and can be changed alone", async () => {
  await attachBoth();
  await detachLibraryJob(clinic.ctx, { id, jobId: clinic.jobs.payment });
  expect(await payment()).toMatchObject({
    body: "fn(s => s) // 1",
    libraryJobId: null,
    libraryVersion: null,
  });
  await saveJob(clinic.workflows.visit, clinic.jobs.payment, { body: "own" });
  await expectRefusal(detachLibraryJob(clinic.ctx, { id, jobId: clinic.jobs.payment }), "not_found");
  expect(await uses()).toEqual([["Hooked", 1]]);
  expect((await expectAudit("library.detach", id)).before).toMatchObject({ jobId: clinic.jobs.payment });
});

test("an entry is deleted only when no job of a living workflow is of it", async () => {
  await attachBoth();
  const refusal = await expectRefusal(deleteLibraryJob(clinic.ctx, id), "conflict");
  expect(refusal.message).toContain('"Hook: Hooked" and 1 more are of this entry');
  await detachLibraryJob(clinic.ctx, { id, jobId: clinic.jobs.payment });
  await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.hook]);
  await deleteLibraryJob(clinic.ctx, id);
  await expectRefusal(getLibraryJob(clinic.ctx, id), "not_found");
  expect(await database.query("select 1 from library_versions where library_job_id = $1", [id])).toEqual([]);
});

test("upgrading an adaptor leaves library jobs to their entries, and names them", async () => {
  await attach(clinic.workflows.visit, clinic.jobs.payment);
  const info = (version: string) => ({
    name: "@openfn/language-common",
    version,
    integrity: null,
    exports: [],
    operations: [],
    credentialSchema: null,
    artefactHash: "",
    overrides: null,
  });
  const runner = Object.assign(new ScriptedRunner(), {
    resolveAdaptor: async (_: string, version: string) => info(version),
  });
  const asked = { name: "@openfn/language-common", version: "3.3.5", apply: true };
  const upgrade = await upgradeAdaptor(clinic.ctx, asked, { runner });
  expect(upgrade.kept.map(({ jobName }) => jobName)).toEqual(["Payment"]);
  expect((await payment())?.adaptorVersion).toBe("3.3.4");
  expect((await jobOf(clinic.workflows.visit, clinic.jobs.referral))?.adaptorVersion).toBe("3.3.5");
  const moved = await addVersion({
    body: "fn(s => s) // 1",
    adaptor: "@openfn/language-common@3.3.5",
    workflows: "all",
  });
  expect(moved.version).toBe(2);
  expect((await payment())?.adaptorVersion).toBe("3.3.5");
});

test("viewers read the library, editors change it, strangers see nothing of it", async () => {
  const viewer = clinic.as("viewer");
  expect((await listLibrary(viewer)).items).toHaveLength(1);
  expect((await getLibraryJob(viewer, id)).name).toBe("Pay");
  for (const change of [
    () => createLibraryJob(viewer, { name: "x", body: "x", adaptor }, deps),
    () => addLibraryVersion(viewer, { id, version: 1, body: "x" }, deps),
    () => takeOverVersion(viewer, { id, workflows: "all" }),
    () => attachLibraryJob(viewer, { id, workflowId: clinic.workflows.hook, jobId: clinic.jobs.hooked }),
    () => detachLibraryJob(viewer, { id, jobId: clinic.jobs.hooked }),
    () => updateLibraryJob(viewer, { id, name: "x" }),
    () => deleteLibraryJob(viewer, id),
  ])
    await expectRefusal(change(), "forbidden");
  const stranger = await createClinic();
  await expectRefusal(getLibraryJob(stranger.ctx, id), "not_found");
  expect((await listLibrary(stranger.ctx)).items).toEqual([]);
});

test("a project.yaml brings its library along: entries at the versions that its jobs are of", async () => {
  const job = (key: string, version: number, body: string) => `      ${key}:
        adaptor: '${adaptor}'
        library_entry: Pay
        library_version: ${version}
        body: ${body}
`;
  const yaml = (jobs: string) => `name: brought\nworkflows:\n  w:\n    jobs:\n${jobs}`;
  const owner = userContextFor({
    id: clinic.ctx.actor.type === "user" ? clinic.ctx.actor.userId : "",
    email: "o",
  });
  const text = yaml(job("a", 2, "two()") + job("b", 5, "five()") + job("c", 2, "two()"));
  const { project } = await importProject(owner, { yaml: text, name: `brought-${randomUUID()}` }, deps);
  const ctx = { ...clinic.ctx, project };
  const [entry] = (await listLibrary(ctx)).items;
  expect(entry).toMatchObject({ name: "Pay", version: 5, uses: 3, behind: 2 });
  const versions = (await listLibraryVersions(ctx, { id: entry?.id ?? "" })).items;
  expect(versions.map(({ version }) => version)).toEqual([5, 2]);
  expect((await getLibraryVersion(ctx, { id: entry?.id ?? "", version: 2 })).body).toBe("two()");
  const clash = yaml(job("a", 2, "two()") + job("b", 2, "other()"));
  const refusal = await expectRefusal(importProject(owner, { yaml: clash }, deps), "invalid");
  expect(refusal.message).toContain('b and a are of version 2 of "Pay"');
});
