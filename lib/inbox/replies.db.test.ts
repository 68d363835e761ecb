import { randomUUID } from "node:crypto";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cancelRun } from "@/lib/domain/run/cancel";
import { executeRun } from "@/lib/execution/execute-run";
import { limits } from "@/lib/limits";
import { Notifier } from "@/lib/live/notifier";
import { announcer } from "@/lib/queue/announce";
import type { StepRequest, StepResult } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { createWebhook, sendTo } from "@/lib/testing/webhook";
import { accept, type InboxHost } from "./accept";
import { acceptFetch } from "./fetch";
import { nodeInboxHost } from "./host";
import { inboxKeys } from "./keys";
import { serveInbox } from "./serve";

const database = testDatabase();
let host: InboxHost;
/** One that asks for each sender apart, as on the edge. */
let apart: InboxHost;

beforeAll(async () => {
  host = await nodeInboxHost();
  apart = {
    query: database.query,
    ...(await inboxKeys(process.env.SECRET_KEY ?? "")),
    maxBodyBytes: 1_000_000,
  };
});

type Script = (request: StepRequest) => Partial<StepResult>;
const returning =
  (byJob: Record<string, unknown>): Script =>
  ({ job }) => ({ output: JSON.stringify(byJob[job.name] ?? {}) });

const engine = (script: Script) => ({
  ...testExecutionHost(new ScriptedRunner(script)),
  announce: announcer(new Notifier(database)),
});

/** Executes the project's runs that wait, as the engine does. */
async function execute(projectId: string, script: Script) {
  const waiting = await database.query<{ id: string }>(
    "select id from runs where project_id = $1 and state = 'pending' order by id",
    [projectId],
  );
  for (const { id } of waiting) await executeRun(engine(script), id, (_, work) => work());
}

const hasRun = (projectId: string) =>
  vi.waitFor(
    async () => {
      const runs = await database.query("select 1 from runs where project_id = $1", [projectId]);
      expect(runs).not.toEqual([]);
    },
    { timeout: 20_000 },
  );

type Settings = Parameters<typeof createWebhook>[0];
type Jobs = Parameters<typeof createWebhook>[1];

/** What a sender is answered whose run does this. */
async function answered(script: Script, settings: Settings = {}, jobs?: Jobs) {
  const hook = await createWebhook({ webhookReply: "after_completion", ...settings }, jobs);
  const answer = sendTo(host, hook.triggerId);
  await hasRun(hook.project.id);
  await execute(hook.project.id, script);
  const { status, body, headers } = await answer;
  return { ...hook, status, headers, text: body, ...(body === "" ? {} : JSON.parse(body)) };
}

const fails: Script = () => ({ reason: "fail", error: { type: "JobError", message: "secret words" } });
const policy = (state: string) => ({
  message: `Run completed with status: ${state}. As a security policy, OpenFn does not send state data when the run errors out to avoid leaking sensitive information`,
});

describe("a sender whose URL replies after completion", () => {
  test("is answered when the run has ended: 201, its final state, and what became of it", async () => {
    const answer = await answered(returning({ Only: { data: { n: 1 } } }));
    expect([answer.status, answer.data]).toEqual([201, { data: { n: 1 } }]);
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(answer.meta).toEqual({
      work_order_id: answer.headers["x-meta-work-order-id"],
      run_id: answer.headers["x-meta-run-id"],
      state: "success",
      error_type: null,
      inserted_at: instant,
      started_at: instant,
      claimed_at: instant,
      finished_at: instant,
    });
    expect(answer.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-meta-message-id": expect.any(String),
    });
  });

  test.each(["before_start", "custom", null] as const)("is answered at once by %s", async (webhookReply) => {
    const { triggerId } = await createWebhook({ webhookReply });
    const answer = await sendTo(host, triggerId);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      200,
      { work_order_id: answer.headers["x-meta-work-order-id"] },
    ]);
  });

  test("hears the state and no data of a run that did not succeed", async () => {
    const answer = await answered(fails);
    expect([answer.status, answer.data, answer.meta.state, answer.meta.error_type]).toEqual([
      201,
      policy("failed"),
      "failed",
      "JobError",
    ]);
    expect(answer.text).not.toContain("secret words");
  });

  test.each<[string, Script]>([
    ["crashed", () => ({ reason: "crash", error: { type: "SyntaxError", message: "x" } })],
    ["killed", () => ({ reason: "kill", error: { type: "TimeoutError", message: "x" } })],
    ["exception", () => ({ reason: "exception", error: { type: "RunnerError", message: "x" } })],
    ["lost", () => ({ reason: "lost", error: { type: "Lost", message: "x" } })],
    ["cancelled", () => ({ reason: "cancel", error: { type: "Cancelled", message: "x" } })],
  ])("hears that the run is %s", async (state, script) => {
    const answer = await answered(script, { webhookResponseConfig: { error_code: 502 } });
    expect([answer.status, answer.data, answer.meta.state]).toEqual([502, policy(state), state]);
  });

  test("hears at once that a person cancelled the run that waits", async () => {
    const { ctx, project, triggerId } = await createWebhook({ webhookReply: "after_completion" });
    const answer = sendTo(host, triggerId);
    await hasRun(project.id);
    const [run] = await database.query<{ id: string }>("select id from runs where project_id = $1", [
      project.id,
    ]);
    await cancelRun({ ...ctx, announce: announcer(new Notifier(database)) }, run?.id ?? "");
    expect(JSON.parse((await answer).body).meta.state).toBe("cancelled");
  });

  test("has the trigger's status codes, one for success and one for the rest", async () => {
    const codes = { success_code: 200, error_code: 422 };
    const settings = { webhookResponseConfig: codes };
    expect((await answered(returning({}), settings)).status).toBe(200);
    expect((await answered(fails, settings)).status).toBe(422);
    expect((await answered(fails, { webhookResponseConfig: { success_code: 200 } })).status).toBe(201);
    expect((await answered(returning({}), { webhookResponseConfig: {} })).status).toBe(201);
    // As a release before could store it: no answer has such a status.
    const { project, triggerId } = await createWebhook({ webhookReply: "after_completion" });
    await database.query(
      `update triggers set webhook_response_config = '{"success_code": 100}' where id = $1`,
      [triggerId],
    );
    const answer = sendTo(host, triggerId);
    await hasRun(project.id);
    await execute(project.id, returning({}));
    expect((await answer).status).toBe(201);
  });

  test("counts a failure that another job handled as success, and gives that job's state", async () => {
    const jobs = [{ name: "First" }, { name: "Rescue", follows: "First", on: "on_job_failure" as const }];
    const answer = await answered(
      (step) => (step.job.name === "First" ? fails(step) : { output: '{"rescued":true}' }),
      {},
      jobs,
    );
    expect([answer.data, answer.meta.state]).toEqual([{ rescued: true }, "success"]);
  });

  test("gets the states of several leaves by their jobs, and {} where there is none", async () => {
    const jobs = [{ name: "A" }, { name: "B", follows: "A" }, { name: "C", follows: "A" }];
    const many = await answered(returning({ A: { a: 1 }, B: { b: 1 }, C: { c: 1 } }), {}, jobs);
    expect(many.data).toEqual({ [many.jobIds.B ?? ""]: { b: 1 }, [many.jobIds.C ?? ""]: { c: 1 } });
    const none = await answered(() => ({ output: null }));
    expect(none.data).toEqual({});
    const nothing = await answered(returning({}), {}, []);
    expect([nothing.data, nothing.meta.state]).toEqual([{}, "success"]);
  });

  test("sees what may be shown, never a credential's value", async () => {
    const shown = {
      text: '{"token":"***","webhookResponse":{"body":{"is":"***"}}}',
      hidden: ["s3cret-value"],
    };
    const output = '{"token":"s3cret-value","webhookResponse":{"body":{"is":"s3cret-value"}}}';
    const said = await answered(() => ({ output, shown }));
    expect(said.data).toEqual({ is: "***" });
    const whole = await answered(() => ({
      output: '{"token":"s3cret-value"}',
      shown: { text: '{"token":"***"}', hidden: ["s3cret-value"] },
    }));
    expect([whole.data, whole.text.includes("s3cret")]).toEqual([{ token: "***" }, false]);
  });
});

describe("state.webhookResponse", () => {
  const two = [{ name: "First" }, { name: "Second", follows: "First" }];
  const says = (webhookResponse: unknown) => ({ webhookResponse });

  test("is the answer: its status, its body, and the usual for what it leaves out", async () => {
    const both = await answered(returning({ Only: says({ status: 418, body: { tea: true } }) }));
    expect([both.status, both.data, both.meta.state]).toEqual([418, { tea: true }, "success"]);
    const status = await answered(returning({ Only: says({ status: 202 }) }));
    expect([status.status, status.data]).toEqual([202, says({ status: 202 })]);
    const config = { webhookResponseConfig: { success_code: 203 } };
    const body = await answered(returning({ Only: says({ body: { a: 1 } }) }), config);
    expect([body.status, body.data]).toEqual([203, { a: 1 }]);
  });

  test("of the last step that says one counts, whole, also when the run fails after it", async () => {
    const last = await answered(
      returning({ First: says({ status: 202, body: { first: 1 } }), Second: says({ body: { second: 2 } }) }),
      {},
      two,
    );
    expect([last.status, last.data]).toEqual([201, { second: 2 }]);
    const kept = await answered(returning({ First: says({ status: 202, body: { first: 1 } }) }), {}, two);
    expect([kept.status, kept.data]).toEqual([202, { first: 1 }]);
    const failed = await answered(
      (step) =>
        step.job.name === "First"
          ? { output: JSON.stringify(says({ status: 409, body: { why: "taken" } })) }
          : fails(step),
      {},
      two,
    );
    expect([failed.status, failed.data, failed.meta.state]).toEqual([409, { why: "taken" }, "failed"]);
    const codeOnly = await answered(
      (step) => (step.job.name === "First" ? { output: JSON.stringify(says({ status: 409 })) } : fails(step)),
      {},
      two,
    );
    expect([codeOnly.status, codeOnly.data]).toEqual([409, policy("failed")]);
  });

  test.each([204, 304, 205])("with status %i has no body", async (status) => {
    const answer = await answered(returning({ Only: says({ status, body: { a: 1 } }) }));
    expect([answer.status, answer.text]).toEqual([status, ""]);
  });

  test("that is malformed is answered in words", async () => {
    const answer = await answered(returning({ Only: says({ status: "OK", body: { a: 1 } }) }));
    expect([answer.status, answer.data]).toEqual([
      201,
      {
        message:
          'Run completed, but webhook_response was malformed: status needs to be an integer, got: "OK"',
      },
    ]);
  });

  test("is not looked for where nobody waits for it", async () => {
    const { project, triggerId } = await createWebhook();
    await sendTo(host, triggerId);
    await execute(project.id, returning({ Only: says({ status: 418 }) }));
    const steps = await database.query("select reply_status, reply_body from steps where project_id = $1", [
      project.id,
    ]);
    expect(steps).toEqual([{ reply_status: null, reply_body: null }]);
  });
});

describe("a run that does not end in time", () => {
  test("is 504 with its work order, goes on, and a repeat of the message hears how it ended", async () => {
    const { project, triggerId } = await createWebhook({ webhookReply: "after_completion" });
    const headers = { "idempotency-key": "slow-1" };
    for (const impatient of [
      { ...host, replyMs: 300 },
      { ...apart, replyMs: 300 },
    ]) {
      const answer = await sendTo(impatient, triggerId, { headers });
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        504,
        {
          error: "timeout",
          message: "Workflow did not complete within timeout period",
          work_order_id: answer.headers["x-meta-work-order-id"],
        },
      ]);
    }
    await execute(project.id, returning({ Only: { done: true } }));
    for (const door of [host, apart]) {
      const repeat = await sendTo(door, triggerId, { headers });
      expect([repeat.status, JSON.parse(repeat.body).data, repeat.headers["x-waybill-repeat"]]).toEqual([
        201,
        { done: true },
        "1",
      ]);
    }
    expect(await database.query("select 1 from runs where project_id = $1", [project.id])).toHaveLength(1);
  });

  test("waits for nobody who has gone", async () => {
    const { triggerId } = await createWebhook({ webhookReply: "after_completion" });
    const gone = new AbortController();
    const answer = sendTo(host, triggerId, { signal: gone.signal });
    gone.abort();
    expect((await answer).status).toBe(504);
  });
});

test("nobody watches for a sender's leaving who is answered at once", async () => {
  const { triggerId } = await createWebhook();
  let watched = 0;
  const request = {
    method: "POST",
    segments: [triggerId],
    search: "",
    headers: {},
    body: null,
    get signal() {
      watched += 1;
      return new AbortController().signal;
    },
  };
  expect([(await accept(request, host)).status, watched]).toEqual([200, 0]);
});

test("a message that has no run is 500 at once", async () => {
  const { workflowId, triggerId } = await createWebhook({ webhookReply: "after_completion" });
  await database.query("update workflows set snapshot_id = null where id = $1", [workflowId]);
  const answer = await sendTo(host, triggerId);
  expect([answer.status, JSON.parse(answer.body)]).toEqual([500, { error: "no_run_created" }]);
});

test("a message for which the plan has no run left is 429 at once, and kept as rejected", async () => {
  const { project, triggerId } = await createWebhook({
    webhookReply: "after_completion",
    customPath: "visits",
  });
  await database.query("update projects set runs_per_month = 0, limit_kind = 'soft' where id = $1", [
    project.id,
  ]);
  const headers = { "idempotency-key": "over-1" };
  for (const address of [`${project.id}/visits`, `${project.id}/visits`, triggerId]) {
    const answer = await sendTo(host, address, { headers });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      429,
      { work_order_id: answer.headers["x-meta-work-order-id"], error: "too_many_runs" },
    ]);
    expect(answer.headers).not.toHaveProperty("x-meta-run-id");
  }
  const orders = await database.query("select state from work_orders where project_id = $1", [project.id]);
  expect(orders).toEqual([{ state: "rejected" }, { state: "rejected" }]);
});

test("a GET that is a message is answered with what its run found", async () => {
  const { project, triggerId } = await createWebhook({ webhookReply: "after_completion", takesGet: true });
  const answer = sendTo(host, `${triggerId}?patient=7`, { method: "GET" });
  await hasRun(project.id);
  await execute(project.id, ({ input }) => ({
    output: `{"found":${JSON.stringify(JSON.parse(input).data)}}`,
  }));
  expect(JSON.parse((await answer).body).data).toEqual({ found: { patient: "7" } });
});

describe("over HTTP", () => {
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    server = createServer((incoming, response) => void serveInbox(incoming, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const big = JSON.stringify({ big: "x".repeat(2_000_000) });

  test("a large final state comes whole, each sender in turn, and none is held for who does not read", async () => {
    const hook = await createWebhook({ webhookReply: "after_completion" });
    const url = `${origin}/i/${hook.triggerId}`;
    const { hostname, port, pathname } = new URL(url);
    const mute = Array.from({ length: 3 }, () => {
      const socket = connect(Number(port), hostname).pause();
      socket.on("error", () => undefined);
      socket.write(`POST ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`);
      return socket;
    });
    const readers = Array.from({ length: 4 }, () => fetch(url, { method: "POST", body: "{}" }));
    await vi.waitFor(
      async () => {
        const runs = await database.query("select 1 from runs where project_id = $1", [hook.project.id]);
        expect(runs).toHaveLength(7);
      },
      { timeout: 20_000 },
    );
    await execute(hook.project.id, () => ({ output: big }));
    // Whoever does not read and leaves gives the place back.
    for (const socket of mute) socket.destroy();
    for (const reader of await Promise.all(readers)) {
      const { data } = (await reader.json()) as { data: { big: string } };
      expect(data.big).toHaveLength(2_000_000);
    }
  });

  test("and so does a large body that a job said, also while small ones wait with it", async () => {
    const body = { big: "y".repeat(1_000_000) };
    const many = Array.from({ length: 3 }, (_, n) =>
      answered(
        returning({ Only: { webhookResponse: { status: 200, body: n === 1 ? { small: 1 } : body } } }),
      ),
    );
    expect((await Promise.all(many)).map(({ status, data }) => [status, data])).toEqual([
      [200, body],
      [200, { small: 1 }],
      [200, body],
    ]);
  });

  test("what is not kept is said, and its job's own answer is given", async () => {
    const tooMuch = "x".repeat(limits.keptStateBytes);
    const whole = await answered(() => ({ output: JSON.stringify({ tooMuch }) }));
    expect([whole.status, whole.data.message]).toEqual([201, expect.stringContaining("is not kept")]);
    const part = await answered(() => ({
      output: JSON.stringify({ tooMuch, webhookResponse: { body: { part: 1 } } }),
    }));
    expect(part.data).toEqual({ part: 1 });
  });

  test.each([204, 304])("status %i has no body on the wire, and the connection goes on", async (status) => {
    const hook = await createWebhook({ webhookReply: "after_completion" });
    const answer = new Promise<{ status: number | undefined; length: string | undefined }>(
      (resolve, reject) => {
        request(`${origin}/i/${hook.triggerId}`, { method: "POST" }, (response) => {
          response.resume();
          resolve({ status: response.statusCode, length: response.headers["content-length"] });
        })
          .once("error", reject)
          .end("{}");
      },
    );
    await hasRun(hook.project.id);
    await execute(hook.project.id, returning({ Only: { webhookResponse: { status } } }));
    expect(await answer).toEqual({ status, length: undefined });
  });

  test.each([201, 204, 205, 304])("a Next route says %i alike", async (status) => {
    const hook = await createWebhook({ webhookReply: "after_completion" });
    const answer = acceptFetch(
      new Request(`http://x/i/${hook.triggerId}`, { method: "POST", body: "{}" }),
      "/i/",
      apart,
    );
    await hasRun(hook.project.id);
    await execute(hook.project.id, returning({ Only: { webhookResponse: { status } } }));
    expect((await answer).status).toBe(status);
  });

  test("a thousand senders wait without a connection to the database each, and others are answered meanwhile", async () => {
    const hook = await createWebhook({ webhookReply: "after_completion" }, []);
    const other = await createWebhook();
    // As many at once as may wait to be stored, three times.
    const answers: ReturnType<typeof sendTo>[] = [];
    for (let sent = 400; sent <= 1_200; sent += 400) {
      answers.push(...Array.from({ length: 400 }, () => sendTo(host, hook.triggerId)));
      await vi.waitFor(
        async () => {
          const [row] = await database.query<{ n: number }>(
            "select count(*)::int as n from runs where project_id = $1",
            [hook.project.id],
          );
          expect(row?.n).toBe(sent);
        },
        { timeout: 60_000, interval: 100 },
      );
    }
    expect((await sendTo(host, other.triggerId)).status).toBe(200);
    await database.query(
      "update runs set state = 'success', started_at = now(), finished_at = now() where project_id = $1",
      [hook.project.id],
    );
    // No notice of it: looking finds them.
    const all = await Promise.all(answers);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201]));
    const told = all.map(({ body }) => JSON.parse(body).meta.run_id);
    expect(new Set(told).size).toBe(1_200);
    expect(told).toEqual(all.map(({ headers }) => headers["x-meta-run-id"]));
  }, 120_000);
});

test("another project's run is nobody's answer", async () => {
  const mine = await createWebhook({ webhookReply: "after_completion" });
  const other = await createWebhook({ webhookReply: "after_completion" });
  const answer = sendTo({ ...host, replyMs: 1_000 }, mine.triggerId);
  await hasRun(mine.project.id);
  await sendTo({ ...host, replyMs: 1 }, other.triggerId);
  await execute(other.project.id, returning({ Only: { theirs: randomUUID() } }));
  expect((await answer).status).toBe(504);
});
