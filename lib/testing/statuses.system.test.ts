import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { cancelRun } from "@/lib/domain/run/cancel";
import { getRun } from "@/lib/domain/run/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import type { ExecutionHost } from "@/lib/execution/host";
import { stopRun } from "@/lib/execution/stop-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import { adaptors } from "@/lib/runner/testing/local-runner";
import { bundleRunner, ended, startRunner } from "@/lib/runner/testing/runner-process";
import type { RunState } from "@/lib/words";
import { statusTable } from "@/lib/workflow/status-table";
import type { RetryPolicy } from "@/lib/workflow/types";
import { testDatabase } from "./database";
import { testExecutionHost } from "./execution-host";
import {
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
  userContextFor,
} from "./fixtures";

/** Every row of seed 3's table, from the inbox through the engine to a runner of its own, and what a page reads of it. */

const database = testDatabase();
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-statuses-"));
const url = `unix:${path.join(dir, "runner.sock")}`;
const token = "a-token-for-this-test";
let out: string;
let child: ChildProcess;
let owner: TestUser;
let project: TestProject;
let ctx: Context;
let host: ExecutionHost;

/** Answers `/held` when it is let go, `/busy` with 503 and when to come again, but for the last time, and all else with 404. */
let busy = 0;
let letGo: () => void;
let released: Promise<void>;
let arrived: () => void;
let arrival: Promise<void>;
const outside = http.createServer(async (request, response) => {
  arrived();
  if (request.url === "/held") {
    await released;
    response.end("{}");
  } else if (request.url === "/busy" && busy-- > 0)
    response.writeHead(503, { "retry-after": "7200" }).end("{}");
  else
    response.writeHead(request.url === "/busy" ? 200 : 404, { "content-type": "application/json" }).end("{}");
});
const at = (place: string) => `http://127.0.0.1:${(outside.address() as AddressInfo).port}${place}`;

const start = () =>
  startRunner(out, { RUNNER_URL: url, RUNNER_TOKEN: token, DATA_DIR: dir, EGRESS_ALLOW: "127.0.0.1" });

/** The runner as engines know it: each step goes to the life that it was given to. */
function hostOf(): ExecutionHost {
  const any = connectRunner({ url, token });
  const of = (life: string): Runner => connectRunner({ url, token, life });
  return {
    ...testExecutionHost(any),
    runners: {
      pick: async () => {
        const { life, name } = await any.health();
        return { id: life, name, runner: of(life) };
      },
      of,
      any: () => any,
      only: () => null,
    },
    patience: { startMs: 60_000, offerMs: 250, repeatMs: [0, 0] },
    stepTimeoutMs: 90_000,
  };
}

beforeAll(async () => {
  out = await bundleRunner(path.basename(dir));
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  child = start();
  owner = await createTestUser();
  project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  host = hostOf();
  await connectRunner({ url, token, waits: { absenceMs: 60_000 } }).health();
});
afterAll(async () => {
  letGo();
  const exited = ended(child);
  child.kill("SIGKILL");
  await exited;
  outside.closeAllConnections();
  outside.close();
  fs.rmSync(out, { recursive: true, force: true });
  fs.rmSync(dir, { recursive: true, force: true });
});

function hold() {
  released = new Promise((resolve) => {
    letGo = resolve;
  });
  arrival = new Promise((resolve) => {
    arrived = resolve;
  });
}
hold();

type Job = { code: string; http?: boolean; credentialId?: string; retry?: RetryPolicy; isHandled?: boolean };

/** A workflow of two branches: the job, with one that follows its failure when that is handled, and a job that follows nothing. */
async function workflow(
  form: string,
  { code, http: isHttp, credentialId, retry, isHandled = false }: Job,
): Promise<void> {
  const [trigger, first, rescue, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const job = (id: string, name: string, body = "fn(state => state)") => ({
    ...{ id, name, body, adaptor: `${adaptors.common.name}@${adaptors.common.version}` },
  });
  const edge = (
    source: object,
    targetJobId: string,
    conditionType: "always" | "on_job_failure" = "always",
  ) => ({
    ...{ id: randomUUID(), ...source, targetJobId, conditionType },
  });
  await saveWorkflow(
    ctx,
    {
      name: form,
      triggers: [{ id: trigger, type: "message_filter", enabled: true, inclusion: { form } }],
      jobs: [
        {
          ...job(first, "First", code),
          ...(isHttp ? { adaptor: `${adaptors.http.name}@${adaptors.http.version}` } : {}),
          projectCredentialId: credentialId ?? null,
          retry: retry ?? null,
        },
        job(rescue, "Rescue"),
        job(other, "Other"),
      ],
      edges: [
        edge({ sourceTriggerId: trigger }, first),
        edge({ sourceTriggerId: trigger }, other),
        { ...edge({ sourceJobId: first }, rescue, "on_job_failure"), enabled: isHandled },
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
}

/** Sends a message of the form. Its run; null when the project's plan had none left. */
async function send(form: string): Promise<{ runId: string; messageId: string }> {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [project.inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response(JSON.stringify({ form, patients: [1, 2] })).body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const messageId = accepted?.messageId ?? "";
  const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [
    messageId,
  ]);
  return { runId: run?.id ?? "", messageId };
}

const execute = (runId: string, by = host) => executeRun(by, runId, (_, work) => work());

/** What the run's page reads: its status, the type of its error, its steps' exit reasons by job. */
async function seen(runId: string) {
  const { state, errorType, detailedSteps } = await getRun(ctx, runId);
  return {
    state,
    type: errorType,
    jobs: Object.fromEntries(detailedSteps.map((one) => [one.jobName, one.exitReason])),
  };
}

/** The rows that were reached, as `state type`. */
const reached = new Set<string>();
const rowOf = (state: RunState, type: string | null) => {
  const row = statusTable.find((one) => one.state === state && one.type === type);
  reached.add(`${state} ${type}`);
  return row;
};

describe("every row of seed 3 is reached from the inbox, through engine and runner", () => {
  const codes: [state: RunState, type: string, job: () => Job][] = [
    ["failed", "JobError", () => ({ code: `get("${at("/nothing")}")`, http: true })],
    ["failed", "TypeError", () => ({ code: "fn(state => state.data.patient.age)" })],
    // The seed's own example reads `undefined` without an error in JavaScript.
    ["failed", "RangeError", () => ({ code: "fn(state => [...Array(state.data.patients.length - 3)])" })],
    ["crashed", "SyntaxError", () => ({ code: "fn(state => { const = 1 })" })],
    ["crashed", "ReferenceError", () => ({ code: "fn(state => undeclared)" })],
    ["killed", "SecurityError", () => ({ code: "fn(state => eval('1'))" })],
    ["killed", "ImportError", () => ({ code: "import fs from 'node:fs'; fn(state => fs)" })],
    [
      "killed",
      "OomError",
      () => ({ code: "fn(() => { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); })" }),
    ],
  ];

  test.each(codes)("%s, %s", async (state, type, job) => {
    await workflow(type, job());
    const { runId } = await send(type);
    await execute(runId);
    const row = rowOf(state, type);
    const ran = await seen(runId);
    const jobs = row?.aborts ? { First: expect.any(String) } : { First: "fail", Other: "success" };
    expect(ran).toEqual({ state, type, jobs });
  });

  test("success, when the error of a step was handled by another", async () => {
    await workflow("handled", { code: "fn(state => state.data.patient.age)", isHandled: true });
    const { runId } = await send("handled");
    await execute(runId);
    expect(await seen(runId)).toEqual({
      ...{ state: "success", type: null, jobs: { First: "fail", Rescue: "success", Other: "success" } },
    });
  });

  test("killed, TimeoutError", async () => {
    await workflow("slow", { code: "fn(() => new Promise(() => {}))" });
    const { runId } = await send("slow");
    await execute(runId, { ...host, stepTimeoutMs: 500 });
    rowOf("killed", "TimeoutError");
    expect(await seen(runId)).toEqual({ state: "killed", type: "TimeoutError", jobs: { First: "kill" } });
  });

  test("pending, running, success", async () => {
    hold();
    await workflow("held", { code: `get("${at("/held")}")`, http: true });
    const { runId } = await send("held");
    rowOf("pending", null);
    expect(await seen(runId)).toEqual({ state: "pending", type: null, jobs: {} });
    const running = execute(runId);
    await arrival;
    rowOf("running", null);
    expect(await seen(runId)).toEqual({ state: "running", type: null, jobs: { First: null } });
    letGo();
    await running;
    rowOf("success", null);
    expect(await seen(runId)).toEqual({
      state: "success",
      type: null,
      jobs: { First: "success", Other: "success" },
    });
  });

  test("cancelled, by a person while it runs: nothing follows", async () => {
    hold();
    const { runId } = await send("held");
    const running = execute(runId);
    await arrival;
    await cancelRun(ctx, runId);
    await stopRun(host, runId, 0);
    await running;
    letGo();
    rowOf("cancelled", null);
    expect(await seen(runId)).toMatchObject({ state: "cancelled", jobs: { First: "cancel" } });
  });

  test("exception, of a credential that is gone", async () => {
    const { id } = await createCredential(userContextFor(owner), {
      name: "Gone",
      body: { pin: "1234567890" },
    });
    const link = await shareCredential(ctx, { credentialId: id });
    await workflow("gone", { code: "fn(state => state)", credentialId: link.id });
    const { runId } = await send("gone");
    await database.query("delete from project_credentials where id = $1", [link.id]);
    await execute(runId);
    rowOf("exception", null);
    rowOf("exception", "CredentialLoadError");
    expect(await seen(runId)).toEqual({
      ...{ state: "exception", type: "CredentialLoadError", jobs: { First: "exception" } },
    });
  });

  test("rejected, of a project that has used up its plan: a work order without a run", async () => {
    await database.query("update projects set runs_per_month = 0, limit_kind = 'soft' where id = $1", [
      project.id,
    ]);
    const { messageId, runId } = await send("held");
    await database.query("update projects set runs_per_month = null where id = $1", [project.id]);
    expect(runId).toBe("");
    rowOf("rejected", null);
    expect(await database.query("select state from work_orders where message_id = $1", [messageId])).toEqual([
      { state: "rejected" },
    ]);
  });

  test("lost, when its runner is killed while it has sent something: nothing follows, and nothing is done again", async () => {
    hold();
    const { runId } = await send("held");
    const running = execute(runId);
    await arrival;
    const exited = ended(child);
    child.kill("SIGKILL");
    await exited;
    child = start();
    await running;
    letGo();
    rowOf("lost", null);
    rowOf("lost", "Lost");
    expect(await seen(runId)).toEqual({ state: "lost", type: "Lost", jobs: { First: "lost" } });
  });

  test("and no row is left", () => {
    for (const [state, type] of [
      ["failed", null],
      ["crashed", null],
      ["killed", null],
      ["cancelled", "Cancelled"],
    ] as const)
      rowOf(state, type);
    const seeds = [
      "JobError",
      "TypeError",
      "RangeError",
      "SyntaxError",
      "ReferenceError",
      "SecurityError",
      "ImportError",
    ];
    const named = [...seeds, "OomError", "TimeoutError", null];
    const missing = statusTable.filter(
      (row) => named.includes(row.type) && !reached.has(`${row.state} ${row.type}`),
    );
    expect(missing).toEqual([]);
  });
});

test("a real adaptor's error carries Retry-After, and the next attempt keeps to it", async () => {
  busy = 1;
  const retry = { attempts: 3, delaySeconds: 1, maxDelaySeconds: 86_400, errorTypes: null };
  await workflow("busy", { code: `get("${at("/busy")}")`, http: true, retry });
  const { runId } = await send("busy");
  await execute(runId);
  const waiting = (await getRun(ctx, runId)).detailedSteps[0];
  expect(waiting).toMatchObject({
    exitReason: null,
    attempt: 2,
    attempts: [{ attempt: 1, exitReason: "fail", exitCode: 1 }],
  });
  const { startedAt = "", waitsUntil = "", error } = waiting?.attempts[0] ?? {};
  expect(error).toMatchObject({ type: "JobError", details: { statusCode: 503 } });
  expect(Date.parse(waitsUntil) - Date.parse(startedAt)).toBeGreaterThanOrEqual(7_200_000);
  await database.query("update runs set retry_at = now() where id = $1", [runId]);
  await execute(runId);
  expect(await seen(runId)).toEqual({
    state: "success",
    type: null,
    jobs: { First: "success", Other: "success" },
  });
});
