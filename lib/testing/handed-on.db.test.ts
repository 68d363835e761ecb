import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { deleteCredential } from "@/lib/domain/credential/delete";
import { shareCredential } from "@/lib/domain/credential/share";
import { getMessage } from "@/lib/domain/message/get";
import { dryRunStep } from "@/lib/domain/run/dry-run";
import { getRun } from "@/lib/domain/run/get";
import { listLogs } from "@/lib/domain/run/logs";
import { getStepInput, getStepOutput } from "@/lib/domain/run/payloads";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import type { ExecutionHost } from "@/lib/execution/host";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { limits } from "@/lib/limits";
import type { LogLine, StepRequest, StepResult } from "@/lib/runner/contract";
import { Scrubber, secretsOf } from "@/lib/runner/step/scrub";
import { elevenSecondsLater } from "./clinic";
import { testDatabase } from "./database";
import { testExecutionHost } from "./execution-host";
import { contextFor, createTestProject, createTestUser, expectRefusal, userContextFor } from "./fixtures";
import { result, ScriptedRunner } from "./scripted-runner";

const database = testDatabase();

/** A runner that hides as the real one does (lib/runner/step): it logs and returns what the test says. */
class HidingRunner extends ScriptedRunner {
  outputs: string[] = [];
  override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void): Promise<StepResult> {
    this.started.push(request);
    const scrubber = new Scrubber(request.configuration, request.hidden);
    const output = this.outputs.shift() ?? request.input;
    onLog?.([{ seq: 0, at: Date.now(), level: "info", source: "JOB", message: scrubber.text(output) }]);
    const shown = scrubber.json(output);
    return result({ output, ...(shown ? { shown } : {}) });
  }
}

let ctx: Context;
let inboxId: string;
let host: ExecutionHost;
let runner: HidingRunner;
const jobs = { first: "", second: "", third: "" };

/** Three jobs one after another; the first has the credential. */
async function chainWith(body: Record<string, unknown>) {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  inboxId = project.inboxId;
  const credential = await createCredential(userContextFor(owner), { name: "Registry", body: body as never });
  const link = await shareCredential(ctx, { credentialId: credential.id });
  const triggerId = randomUUID();
  for (const name of ["first", "second", "third"] as const) jobs[name] = randomUUID();
  const job = (id: string, name: string) => ({
    id,
    name,
    body: "fn(s => s)",
    adaptor: "@openfn/language-common@3.3.4",
  });
  await saveWorkflow(
    ctx,
    {
      name: "Chain",
      triggers: [{ id: triggerId, type: "message_filter", enabled: true, inclusion: {} }],
      jobs: [
        { ...job(jobs.first, "First"), projectCredentialId: link.id },
        job(jobs.second, "Second"),
        job(jobs.third, "Third"),
      ],
      edges: [
        { id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobs.first, conditionType: "always" },
        {
          id: randomUUID(),
          sourceJobId: jobs.first,
          targetJobId: jobs.second,
          conditionType: "on_job_success",
        },
        {
          id: randomUUID(),
          sourceJobId: jobs.second,
          targetJobId: jobs.third,
          conditionType: "on_job_success",
        },
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  runner = new HidingRunner();
  host = testExecutionHost(runner);
  return { credentialId: credential.id, owner: userContextFor(owner) };
}

async function send(body: string): Promise<string> {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Blob([body]).stream(),
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  return accepted?.messageId ?? "";
}

async function executeAll(messageId: string): Promise<void> {
  const runs = await database.query<{ id: string }>(
    "select id from runs where message_id = $1 and state = 'pending'",
    [messageId],
  );
  for (const run of runs) await executeRun(host, run.id, (_, work) => work());
}

const lastRun = async (messageId: string) => {
  const runs = (await getMessage(ctx, messageId)).workOrders.flatMap((order) => order.runs);
  const newest = runs.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  return getRun(ctx, newest?.id ?? "");
};

/** Everything that is shown of a message's last run, as one text. */
async function allThatIsShown(messageId: string): Promise<string> {
  const viewer: Context = { ...ctx, role: "viewer" };
  const run = await lastRun(messageId);
  const parts: unknown[] = [await getMessage(viewer, messageId), run];
  for (const { id } of run.detailedSteps)
    parts.push(
      await getStepOutput(viewer, id),
      await listLogs(viewer, id, {}),
      run.detailedSteps[0]?.id === id ? null : await getStepInput(viewer, id),
    );
  return parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("\n");
}

const texts = (value: unknown): string[] =>
  typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [String(value)];

describe("what a job returns is what the next one gets, and no more is shown than before", () => {
  const secret = fc.oneof(
    fc.constantFrom(
      "district",
      "12345678",
      '{"a":1}x',
      '","data',
      'p"w\\d{}[]:,',
      "näme-ünïcode",
      "passpass",
      "passpasspass",
    ),
    fc.string({ unit: "binary", minLength: 8, maxLength: 20 }),
    fc.integer({ min: 10_000_000, max: 99_999_999 }),
  );
  const state = fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom("district", "passpass", "__proto__")),
    fc.jsonValue({ stringUnit: "binary" }),
  );

  test("for any state and any credential", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(secret, { minLength: 1, maxLength: 4 }), state, async (secrets, data) => {
        const body = Object.fromEntries(secrets.map((one, i) => [`secret${i}`, one]));
        await chainWith(body);
        const returned = JSON.stringify({
          data,
          keys: Object.fromEntries(secrets.map((one) => [`${one}`.slice(0, 3), one])),
          said: `<${secrets.join("|")}>`,
        });
        const messageId = await send("{}");
        runner.outputs = [returned];
        await executeAll(messageId);
        const [, second, third] = runner.started;
        expect([second?.input, third?.input]).toEqual([returned, returned]);
        const run = await lastRun(messageId);
        expect(run.state).toBe("success");
        for (const { id } of run.detailedSteps) {
          const shown: unknown = JSON.parse((await getStepOutput(ctx, id)) ?? "null");
          const said = (await listLogs(ctx, id, {})).items.map((line) => line.message).join("\n");
          for (const one of secretsOf(body)) {
            expect(texts(shown).filter((text) => text.includes(one) && text !== "***")).toEqual([]);
            if (one !== "***") expect(said.replaceAll("***", "")).not.toContain(one);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("a state that holds a secret", () => {
  const password = "correct-horse-1";
  const returned = `{"data":{"${password.slice(0, 7)}":"Bo"},"token":"Bearer ${password}","n":1}`;
  let messageId: string;
  let chain: Awaited<ReturnType<typeof chainWith>>;
  beforeEach(async () => {
    chain = await chainWith({ username: "jane", password });
    messageId = await send("{}");
    runner.outputs = [returned];
    await executeAll(messageId);
  });

  test("is nowhere in clear: not on pages, not in the database", async () => {
    expect(await allThatIsShown(messageId)).not.toContain(password);
    expect(await allThatIsShown(messageId)).toContain("Bearer ***");
    const rows = await database.query<{ body: string; sealed: string | null; size: number }>(
      "select body, sealed, size from dataclips where project_id = $1",
      [ctx.project.id],
    );
    expect(rows).toHaveLength(3);
    for (const { body, sealed, size } of rows) {
      expect(`${body}${sealed}`).not.toContain(password);
      expect(sealed).toMatch(/^v1:/);
      expect(size).toBe(returned.length);
    }
    expect(runner.started[2]?.configuration).toBeNull();
    expect(runner.started[2]?.hidden).toContain(password);
  });

  test("is handed on as it is by a rerun and a dry run, also when the credential is gone", async () => {
    await deleteCredential(chain.owner, { credentialId: chain.credentialId });
    await elevenSecondsLater(messageId);
    await rerunMessage(ctx, { messageId, jobId: jobs.second });
    await executeAll(messageId);
    expect(runner.started.slice(3).map(({ input }) => input)).toEqual([returned, returned]);
    expect(await allThatIsShown(messageId)).not.toContain(password);
    const step = (await lastRun(messageId)).detailedSteps.find(({ jobId }) => jobId === jobs.third);
    const dry = await dryRunStep(ctx, { stepId: step?.id ?? "" }, { runner, memoryMb: 64 });
    expect(runner.started.at(-1)?.input).toBe(returned);
    expect(JSON.stringify(dry)).not.toContain(password);
    expect(dry.output).toContain("Bearer ***");
  });

  test("opens for no other project", async () => {
    const [own] = await database.query<{ sealed: string }>(
      "select sealed from dataclips where project_id = $1 limit 1",
      [ctx.project.id],
    );
    await chainWith({});
    const foreign = await send("{}");
    await executeAll(foreign);
    await database.query("update dataclips set sealed = $2 where project_id = $1", [
      ctx.project.id,
      own?.sealed,
    ]);
    await elevenSecondsLater(foreign);
    await rerunMessage(ctx, { messageId: foreign, jobId: jobs.second });
    const started = runner.started.length;
    await executeAll(foreign);
    expect(runner.started.length).toBe(started);
    expect((await lastRun(foreign)).errorMessage).toMatch(/cannot be opened/);
  });
});

describe("a result that is larger than what is stored", () => {
  const big = JSON.stringify({ x: "y".repeat(limits.keptStateBytes) });
  let messageId: string;
  beforeEach(async () => {
    await chainWith({ password: "correct-horse-1" });
    messageId = await send("{}");
  });

  test("reaches the next job, and the receipt says that it is not kept", async () => {
    runner.outputs = [big, '{"small":1}'];
    await executeAll(messageId);
    expect(runner.started[1]?.input === big).toBe(true);
    const run = await lastRun(messageId);
    expect(run.state).toBe("success");
    const [first, second] = run.detailedSteps;
    const why = "10 MB, and a result of more than 10 MB is handed on but not stored.";
    expect((await expectRefusal(getStepOutput(ctx, first?.id ?? ""), "not_found")).message).toContain(why);
    expect((await expectRefusal(getStepInput(ctx, second?.id ?? ""), "not_found")).message).toContain(why);
    expect((await listLogs(ctx, first?.id ?? "", {})).items.at(-1)).toMatchObject({
      level: "warn",
      source: "R/T",
    });
    expect(host.held.get("any")).toBeUndefined();
  });

  test("cannot be run from again: a rerun and a dry run say why", async () => {
    runner.outputs = [big];
    await executeAll(messageId);
    await elevenSecondsLater(messageId);
    const run = await lastRun(messageId);
    const second = run.detailedSteps.find(({ jobId }) => jobId === jobs.second)?.id ?? "";
    const refusals = [
      await expectRefusal(rerunMessage(ctx, { messageId, jobId: jobs.second }), "conflict"),
      await expectRefusal(rerunRun(ctx, { runId: run.id, fromStepId: second }), "conflict"),
      await expectRefusal(dryRunStep(ctx, { stepId: second }, { runner, memoryMb: 64 }), "conflict"),
    ];
    for (const { message } of refusals) expect(message).toContain("handed on but not stored");
    await rerunMessage(ctx, { messageId, jobId: jobs.first });
  });

  test("ends the run as lost when the engine that held it is gone, and no job runs twice", async () => {
    runner.outputs = [big];
    const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [
      messageId,
    ]);
    const stopped = executeRun(host, run?.id ?? "", async (name, work) => {
      if (name.startsWith("1 ")) throw new Error("The engine dies here.");
      return work();
    });
    await expect(stopped).rejects.toThrow("dies");
    host = testExecutionHost(runner);
    await executeAllUnfinished(messageId);
    const ended = await lastRun(messageId);
    expect(ended).toMatchObject({ state: "lost", errorType: "Lost" });
    expect(ended.errorMessage).toMatch(/has ended, so this step has no input and was not started/);
    expect(runner.started).toHaveLength(1);
  });
});

async function executeAllUnfinished(messageId: string): Promise<void> {
  const runs = await database.query<{ id: string }>(
    "select id from runs where message_id = $1 and finished_at is null",
    [messageId],
  );
  for (const run of runs) await executeRun(host, run.id, (_, work) => work());
}
