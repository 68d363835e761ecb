import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { listLibrary } from "@/lib/domain/library/list";
import { getMessage } from "@/lib/domain/message/get";
import { ownerContext } from "@/lib/domain/project/create";
import { importProject } from "@/lib/domain/project/import";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { getRestoration } from "@/lib/domain/workflow/restore";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { Refusal } from "@/lib/refusal";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import {
  addTestMember,
  contextFor,
  createTestUser,
  expectRefusal,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { chooseAdaptor } from "./choose";
import { listAdaptors } from "./list";
import { adaptorUses } from "./usage";

const database = testDatabase();

/** A registry that has one version of two adaptors. */
const resolveAdaptor: ResolveAdaptor = async (name, spec) => {
  if (name === "@openfn/language-away")
    throw new Refusal("unavailable", "The npm registry cannot be reached.");
  const isThere = ["@openfn/language-common", "@openfn/language-http"].includes(name);
  if (!isThere || !["latest", "3.3.4"].includes(spec))
    throw new Refusal("invalid", `${name} has no version ${spec} on the npm registry. The nearest is 3.3.4.`);
  return { version: "3.3.4" };
};

const yaml = `
name: old-repository
workflows:
  Visits:
    name: Visits
    jobs:
      Register: {name: Register, adaptor: '@openfn/language-http@0.1.9', body: 'fn(s => s)'}
      Tell: {name: Tell, adaptor: 'language-http@v3.3.4', body: 'fn(s => s)'}
      Warn: {name: Warn, adaptor: '@openfn/language-http@0.1.9', body: 'fn(s => s)'}
      Wait: {name: Wait, adaptor: '@openfn/language-away@latest', body: 'fn(s => s)'}
      Keep: {name: Keep, adaptor: '@openfn/language-common@v3.3.4', body: 'fn(s => s)'}
      Shared: {name: Shared, adaptor: '@openfn/language-http@0.1.9', body: 'fn(s => s)', library_entry: Sender, library_version: 2}
    triggers:
      any: {type: message_filter, inclusion: {form: visit}}
    edges:
      any->Keep: {source_trigger: any, target_job: Keep, condition_type: always}
      Keep->Register: {source_job: Keep, target_job: Register, condition_type: always}
`;

let owner: TestUser;

beforeAll(async () => {
  owner = await createTestUser();
});

async function imported() {
  const name = `p-${randomUUID()}`;
  const { project, warnings } = await importProject(
    userContextFor(owner),
    { yaml, name },
    { resolveAdaptor },
  );
  const ctx = ownerContext(userContextFor(owner), project);
  const workflowId = (await listWorkflows(ctx)).items[0]?.id ?? "";
  return { project, warnings, ctx, workflowId };
}

const versions = async (ctx: Context, id: string) =>
  Object.fromEntries(
    (await getWorkflow(ctx, { id })).graph.jobs.map((job) => [job.name, job.adaptorVersion]),
  );
const jobId = async (ctx: Context, id: string, name: string) =>
  (await getWorkflow(ctx, { id })).graph.jobs.find((job) => job.name === name)?.id ?? "";

describe("a job whose adaptor cannot be had", () => {
  it("is imported with the others and marked, and the report says what to choose, once an adaptor", async () => {
    const { warnings, ctx, workflowId } = await imported();
    expect(await versions(ctx, workflowId)).toEqual({
      Register: null,
      Tell: null,
      Warn: null,
      Wait: null,
      Shared: null,
      Keep: "3.3.4",
    });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Line 7: .* has no version 0\.1\.9 .* nearest is 3\.3\.4\. The job "Register" and 2 more cannot run until/,
      ),
      expect.stringMatching(/^Line 8: .* Did you mean @openfn\/language-http\? The job "Tell" cannot run/),
      expect.stringMatching(/^Line 10: The npm registry cannot be reached\. The job "Wait" cannot run/),
    ]);
    // A library entry's versions can be run: the job is one of its own.
    expect((await listLibrary(ctx)).items).toEqual([]);
    const marked = (await adaptorUses(ctx)).filter(({ version }) => version === null);
    expect(marked.map(({ jobName }) => jobName)).toEqual(["Register", "Shared", "Tell", "Wait", "Warn"]);
    const { items } = await listAdaptors(ctx, { limit: 200 }, { runner: new ScriptedRunner() });
    expect(items.flatMap((one) => one.versions.map(({ version }) => version))).not.toContain(null);
    expect(marked.find(({ jobName }) => jobName === "Register")).toMatchObject({
      name: "@openfn/language-http",
      adaptor: "@openfn/language-http@0.1.9",
    });
  });

  it("is told of before a version is restored in which it cannot run", async () => {
    const { ctx, workflowId } = await imported();
    const job = await jobId(ctx, workflowId, "Register");
    await chooseAdaptor(ctx, { jobId: job, adaptor: "@openfn/language-http@latest" }, { resolveAdaptor });
    const capitals = { jobId: (await jobId(ctx, workflowId, "Warn")).toUpperCase() };
    const chosen = await chooseAdaptor(
      ctx,
      { ...capitals, adaptor: "@openfn/language-http@latest" },
      { resolveAdaptor },
    );
    expect(chosen.workflow?.id).toBe(workflowId);
    const { notes } = await getRestoration(ctx, { id: workflowId, version: 1 });
    expect(notes).toContainEqual(
      expect.stringMatching(
        /^Register cannot run: its adaptor @openfn\/language-http@0\.1\.9 could not be had/,
      ),
    );
    expect(notes.join("\n")).not.toContain("Keep cannot run");
  });

  it("does not run: its step ends as an exception that says what to do, and nothing is started for it", async () => {
    const { project, ctx } = await imported();
    const [inbox] = await database.query<{ id: string }>(
      "select inbox_id as id from projects where id = $1",
      [project.id],
    );
    const { accepted } = await accept(
      {
        method: "POST",
        segments: [inbox?.id ?? ""],
        search: "",
        headers: { "content-type": "application/json" },
        body: new Response('{"form":"visit"}').body,
      },
      { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
    );
    const messageId = accepted?.messageId ?? "";
    const runs = await database.query<{ id: string }>("select id from runs where message_id = $1", [
      messageId,
    ]);
    const runner = new ScriptedRunner();
    for (const run of runs) await executeRun(testExecutionHost(runner), run.id, (_, work) => work());
    const [run] = (await getMessage(ctx, messageId)).workOrders.flatMap((order) => order.runs);
    expect(run).toMatchObject({ state: "exception", errorType: "AdaptorLoadError" });
    expect(run?.steps.map((step) => [step.jobName, step.exitReason])).toEqual([
      ["Keep", "success"],
      ["Register", "exception"],
    ]);
    expect(run?.steps[1]?.error?.message).toMatch(
      /^Register cannot run: its adaptor @openfn\/language-http@0\.1\.9/,
    );
    expect(runner.started.map(({ job }) => job.name)).toEqual(["Keep"]);
  });

  it("stays marked when something else is saved, and is pinned as soon as its adaptor can be had", async () => {
    const { ctx, workflowId } = await imported();
    const { graph, lockVersion } = await getWorkflow(ctx, { id: workflowId });
    const { jobs, ...rest } = graph;
    const input = { ...rest, id: workflowId, jobs: jobs.map(({ adaptorVersion: _, ...job }) => job) };
    await saveWorkflow(ctx, { ...input, name: "Visits 2", lockVersion }, { resolveAdaptor });
    expect(await versions(ctx, workflowId)).toMatchObject({ Register: null, Wait: null });
    const all: ResolveAdaptor = async () => ({ version: "0.1.9" });
    await saveWorkflow(
      ctx,
      { ...input, name: "Visits 3", lockVersion: lockVersion + 1 },
      { resolveAdaptor: all },
    );
    expect(await versions(ctx, workflowId)).toMatchObject({
      Register: "0.1.9",
      Wait: "0.1.9",
      Keep: "3.3.4",
    });
  });

  it("is refused where somebody writes it in the editor's API", async () => {
    const { ctx, workflowId } = await imported();
    const { graph, lockVersion } = await getWorkflow(ctx, { id: workflowId });
    const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) => ({
      ...job,
      adaptor: job.name === "Keep" ? "@openfn/language-common@9.9.9" : job.adaptor,
    }));
    const change = { ...graph, id: workflowId, jobs, lockVersion };
    const refused = await expectRefusal(saveWorkflow(ctx, change, { resolveAdaptor }), "invalid");
    expect(refused.message).toContain("The nearest is 3.3.4.");
  });
});

describe("chooseAdaptor", () => {
  it("pins the one job to another adaptor, as the workflow's next version", async () => {
    const { ctx, workflowId } = await imported();
    const before = await getWorkflow(ctx, { id: workflowId });
    const adaptor = "@openfn/language-http@latest";
    const chosen = await chooseAdaptor(
      ctx,
      { jobId: await jobId(ctx, workflowId, "Register"), adaptor },
      { resolveAdaptor },
    );
    expect(chosen).toMatchObject({
      adaptor,
      version: "3.3.4",
      workflow: { id: workflowId, lockVersion: before.lockVersion + 1 },
    });
    expect(await versions(ctx, workflowId)).toMatchObject({ Register: "3.3.4", Warn: null, Tell: null });
  });

  it("says why when that one cannot be had either, and changes nothing", async () => {
    const { ctx, workflowId } = await imported();
    const choose = async (adaptor: string) =>
      chooseAdaptor(ctx, { jobId: await jobId(ctx, workflowId, "Tell"), adaptor }, { resolveAdaptor });
    await expectRefusal(choose("@openfn/language-http@7.7.7"), "invalid");
    await expectRefusal(choose("http"), "invalid");
    await expectRefusal(choose("@openfn/language-away"), "unavailable");
    expect((await getWorkflow(ctx, { id: workflowId })).lockVersion).toBe(1);
  });

  it("is for those who may change workflows, and for jobs of the project", async () => {
    const { ctx, project, workflowId } = await imported();
    const id = await jobId(ctx, workflowId, "Tell");
    const adaptor = "@openfn/language-http@latest";
    const viewer = contextFor(await addTestMember(project, "viewer"), project, "viewer");
    await expectRefusal(chooseAdaptor(viewer, { jobId: id, adaptor }, { resolveAdaptor }), "forbidden");
    const other = (await imported()).ctx;
    await expectRefusal(chooseAdaptor(other, { jobId: id, adaptor }, { resolveAdaptor }), "not_found");
  });
});
