import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { updateCredential } from "@/lib/domain/credential/update";
import { getMessage } from "@/lib/domain/message/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import type { LogLine, StepRequest, WouldBeRequest } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { dryRunStep } from "./dry-run";

/** Says one line in every step. */
class LoudRunner extends ScriptedRunner {
  override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void) {
    onLog?.([
      { seq: 0, at: 1_700_000_000_000, level: "info", source: "JOB", message: `of ${request.job.name}` },
    ]);
    return super.runStep(request);
  }
}

const database = testDatabase();
const jobs = { first: randomUUID(), second: randomUUID() };
const would: WouldBeRequest = {
  host: "example.org",
  port: 443,
  secure: true,
  method: "POST",
  path: "/",
  headers: {},
  body: "{}",
};
const oauth = {
  access_token: "the-stored-token",
  refresh_token: "r",
  client_id: "c",
  client_secret: "s",
  token_url: "https://token.invalid",
  expires_at: 4_000_000_000,
};
let ctx: Context;
let messageId: string;
let linkId: string;
let stepIds: { first: string; second: string };
let runner: LoudRunner;

const job = (id: string, name: string, projectCredentialId: string | null) => ({
  id,
  name,
  body: `fn(s => s) // ${name}`,
  adaptor: "@openfn/language-common@3.3.4",
  projectCredentialId,
});

async function send(inboxId: string, body: unknown): Promise<string> {
  const answer = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(body));
      })(),
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  return answer.accepted?.messageId ?? "";
}

/** A message that two jobs have processed; the second has a credential whose token has expired since. */
beforeAll(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  const credential = await createCredential(userContextFor(owner), {
    name: "Clinic",
    body: oauth,
    allowedHosts: ["api.example.org"],
  });
  const link = await shareCredential(ctx, { credentialId: credential.id });
  linkId = link.id;
  const triggerId = randomUUID();
  await saveWorkflow(
    ctx,
    {
      name: "Visit",
      triggers: [{ id: triggerId, type: "message_filter", enabled: true, inclusion: { form: "visit" } }],
      jobs: [job(jobs.first, "First", null), job(jobs.second, "Second", link.id)],
      edges: [
        { id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobs.first, conditionType: "always" },
        { id: randomUUID(), sourceJobId: jobs.first, targetJobId: jobs.second, conditionType: "always" },
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  messageId = await send(project.inboxId, { form: "visit" });
  const scripted = new ScriptedRunner(() => ({ output: '{"data":{"from":"first"}}' }));
  const host = testExecutionHost(scripted);
  const runs = await database.query<{ id: string }>("select id from runs where message_id = $1", [messageId]);
  for (const run of runs) await executeRun(host, run.id, (_, work) => work());
  const steps = await database.query<{ id: string; job_id: string }>(
    "select id, job_id from steps where message_id = $1",
    [messageId],
  );
  const stepOf = (jobId: string) => steps.find((step) => step.job_id === jobId)?.id ?? "";
  stepIds = { first: stepOf(jobs.first), second: stepOf(jobs.second) };
  const expired = { ...oauth, expires_at: 1_700_000_000 };
  await updateCredential(userContextFor(owner), { credentialId: credential.id, body: expired });
});

beforeEach(() => {
  runner = new LoudRunner(() => ({ requests: [would], output: '{"data":1}' }));
});

const dryRun = (input: Parameters<typeof dryRunStep>[1], as: Context = ctx) =>
  dryRunStep(as, input, { runner, memoryMb: 64 });

async function stored() {
  const counts = await database.query(
    `select (select count(*) from runs where project_id = $1) as runs, (select count(*) from steps where project_id = $1) as steps,
       (select count(*) from dataclips where project_id = $1) as dataclips, (select count(*) from work_orders where project_id = $1) as orders`,
    [ctx.project.id],
  );
  return JSON.stringify([counts, await getMessage(ctx, messageId)]);
}

test("a step runs again as it ran, with requests recorded, and nothing but the audit event is stored", async () => {
  const before = await stored();
  expect(await dryRun({ stepId: stepIds.second })).toEqual({
    reason: "success",
    error: null,
    output: '{"data":1}',
    logs: [{ seq: 0, at: "2023-11-14T22:13:20.000Z", level: "info", source: "JOB", message: "of Second" }],
    requests: [would],
    connections: [],
    durationMs: 1,
  });
  const [request] = runner.started;
  expect(request).toMatchObject({
    projectId: ctx.project.id,
    job: { source: "fn(s => s) // Second", adaptor: { name: "@openfn/language-common", version: "3.3.4" } },
    input: '{"data":{"from":"first"}}',
    configuration: { access_token: "the-stored-token" },
    conditions: [],
    limits: { timeoutMs: 30_000, memoryMb: 64 },
    credentialId: linkId,
    egress: { record: true, credentialHosts: ["api.example.org"] },
  });
  expect(runner.forgotten).toEqual([request?.stepId]);
  expect(await stored()).toBe(before);
  const event = await expectAudit("run.dry_run", stepIds.second);
  expect(event.after).toEqual({ jobId: jobs.second, codeEdited: false, inputEdited: false });
});

test("the first step runs on the message, and a job by its message on what it had last", async () => {
  await dryRun({ stepId: stepIds.first });
  await dryRun({ messageId, jobId: jobs.second });
  expect(JSON.parse(runner.started[0]?.input ?? "")).toMatchObject({ data: { form: "visit" } });
  expect(runner.started[1]?.input).toBe('{"data":{"from":"first"}}');
});

test("edited code and state are tried instead, without a configuration of the state's own", async () => {
  const input = { data: { edited: true }, configuration: { access_token: "mine" } };
  await dryRun({ messageId, jobId: jobs.second, body: "fn(() => 1)", input });
  expect(runner.started[0]).toMatchObject({
    job: { source: "fn(() => 1)" },
    input: '{"data":{"edited":true}}',
    configuration: { access_token: "the-stored-token" },
  });
});

test("the audit keeps the code that was tried and says whether the input was edited, never what was in it", async () => {
  const lastAudit = async (itemId: string) => {
    const [event] = await database.query<{ after: unknown }>(
      "select after from audit_events where event = 'run.dry_run' and item_id = $1 order by id desc limit 1",
      [itemId],
    );
    return event?.after;
  };
  const tried = { messageId, jobId: jobs.second };
  const body = `fn(s => ({ spaced: [...s.configuration.access_token].join(" ") })) // ${"é".repeat(1000)}`;
  await dryRun({ ...tried, body, input: { data: { patient: "Ann" } } });
  expect(await lastAudit(messageId)).toEqual({
    jobId: jobs.second,
    codeEdited: true,
    inputEdited: true,
    code: body,
  });
  const longest = "x".repeat(5_000_000);
  await dryRun({ ...tried, body: longest });
  expect(await lastAudit(messageId)).toMatchObject({ code: longest, inputEdited: false });
  await expect(dryRun({ ...tried, body: `${longest}x` })).rejects.toThrow(
    /has 5,000,001 bytes of code; at most 5,000,000 are allowed/,
  );
  await expect(dryRun({ ...tried, body: "fn(s => s)\u0000" })).rejects.toThrow(/NUL/);
});

test("one at a time per person; the next may follow when it has ended, however it ended", async () => {
  let finish = () => {};
  runner.script = () => new Promise((resolve) => (finish = () => resolve({})));
  const first = dryRun({ stepId: stepIds.first });
  await expectRefusal(dryRun({ stepId: stepIds.first }), "conflict");
  await expect.poll(() => runner.started.length).toBe(1);
  finish();
  await first;
  runner.script = () => Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
  await expectRefusal(dryRun({ stepId: stepIds.first }), "unavailable");
  runner.script = () => ({});
  expect((await dryRun({ stepId: stepIds.first })).reason).toBe("success");
});

test("viewers may not, and other projects' steps, messages and jobs are not found", async () => {
  await expectRefusal(dryRun({ stepId: stepIds.first }, { ...ctx, role: "viewer" }), "forbidden");
  const owner = await createTestUser();
  const foreign = contextFor(owner, await createTestProject({ owner }));
  await expectRefusal(dryRun({ stepId: stepIds.first }, foreign), "not_found");
  await expectRefusal(dryRun({ messageId, jobId: jobs.first }, foreign), "not_found");
  expect(runner.started).toEqual([]);
});

test("a wiped input is said to be wiped, and an edited one takes its place", async () => {
  await database.query("update dataclips set body = null where project_id = $1", [ctx.project.id]);
  await expectRefusal(dryRun({ stepId: stepIds.second }), "conflict");
  expect((await dryRun({ stepId: stepIds.second, input: { data: 1 } })).reason).toBe("success");
});
