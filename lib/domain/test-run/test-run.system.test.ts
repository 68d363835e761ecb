import { randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connect, type Database } from "@/db/client";
import { createTarget, type Target, tokenOf } from "@/lib/bench/setup";
import { collectIssues } from "@/lib/domain/issue/collect";
import { countUsage } from "@/lib/domain/usage/count";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { type DraftGraph, newEdge, newJob, newTrigger, toDraft } from "@/lib/editor/graph";
import { freePort } from "@/lib/launcher/postgres.mjs";
import { startThrowAway } from "@/lib/launcher/throw-away.mjs";
import { limits } from "@/lib/limits";
import { shippedSpecifiers } from "@/lib/shipped";
import { type NeonBridge, startNeonBridge } from "@/lib/testing/neon-bridge";
import { processDatabase } from "@/lib/testing/process-database";
import type { DraftTest, Replayed, TestRow, TestRun } from "./types";

/** The real door, engine, runner and edge, with a real server that jobs call. */

const secret = `s3cret-${randomUUID()}`;
const ids = {
  filter: randomUUID(),
  other: randomUUID(),
  webhook: randomUUID(),
  cron: randomUUID(),
  send: randomUUID(),
  note: randomUUID(),
};
let server: Awaited<ReturnType<typeof startThrowAway>>;
let database: Database;
let bridge: NeonBridge;
let target: Target;
let authorization: string;
let workflowId: string;
let draftId: string;
let revision: number;

/** What was called by jobs, at `/heard`; at `/held` nobody is answered. */
const heard: { path: string; body: string; token: string | undefined }[] = [];
const called = http.createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    heard.push({ path: request.url ?? "", body, token: request.headers["x-token"]?.toString() });
    if (!request.url?.startsWith("/held"))
      response.setHeader("content-type", "application/json").end('{"ok":true}');
  });
});
const heardOf = (mark: string) => heard.filter(({ body }) => body.includes(mark));

/** Filters for visits and others, a webhook and a clock lead to a job that sends, and one that follows it. */
function graphOf(origin: string, projectCredentialId: string): DraftGraph {
  const job = (id: string, name: string, body: string, adaptor: string) => ({
    ...newJob(id, name),
    ...{ body, adaptor },
  });
  const edge = (kind: "trigger" | "job", id: string, to: string) =>
    newEdge(randomUUID(), { kind, id }, to, kind === "job" ? "on_job_success" : "always");
  return {
    ...{ name: "Visits", concurrency: null, positions: null, orderKey: null, jobLogs: null },
    triggers: [
      { ...newTrigger(ids.filter, "message_filter"), inclusion: { form: "visit" } },
      { ...newTrigger(ids.other, "message_filter"), inclusion: { form: "other" }, exclusion: { old: true } },
      { ...newTrigger(ids.webhook, "webhook"), takesGet: true },
      { ...newTrigger(ids.cron, "cron"), cronExpression: "* * * * *" },
    ],
    jobs: [
      {
        ...job(
          ids.send,
          "Send",
          `post($ => "${origin}/" + ($.data?.to ?? "heard"), $ => $.data ?? {}, { headers: $ => ({ "x-token": $.configuration.token }) });`,
          shippedSpecifiers.http,
        ),
        projectCredentialId,
      },
      job(
        ids.note,
        "Note",
        'fn(state => { console.log("noted"); return { data: state.data, noted: true }; });',
        shippedSpecifiers.common,
      ),
    ],
    edges: [
      ...[ids.filter, ids.other, ids.webhook, ids.cron].map((id) => edge("trigger", id, ids.send)),
      edge("job", ids.send, ids.note),
    ],
  };
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${server.url}/api/${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
const api = <T>(method: string, path: string, body?: unknown) =>
  ask<T>(method, `projects/${target.projectId}/workflows/${workflowId}/${path}`, body);
const settings = (of: Record<string, unknown>) => api<DraftTest>("PUT", "draft/test", of);
const begin = async (of: Record<string, unknown>) =>
  (await api<{ id: string }>("POST", "draft/tests", { revision, start: { triggerId: ids.webhook }, ...of }))
    .id;
const read = (id: string) => api<TestRun>("GET", `tests/${id}`);

/** A test when it is over, which it is whatever happens. */
const ended = (id: string, timeout = 60_000) =>
  vi.waitFor(
    async () => {
      const found = await read(id);
      expect(found.finishedAt).not.toBeNull();
      return found;
    },
    { timeout, interval: 100 },
  );

type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: string };
type Said = { status: number; body: Record<string, unknown> };

/** Where the inbox is mounted: at the door, behind it as Next's route, and as the edge's. */
const ways = {
  door: (testId: string, { path = "", ...init }: Sent) =>
    fetch(`${server.url}/i/${testId}${path}`, init).then(answerOf),
  "Next's route": (testId: string, { path = "", ...init }: Sent) => behind(`/i/${testId}${path}`, init),
  edge: (testId: string, { path = "", ...init }: Sent) =>
    fetch(`${server.url}/edge/i/${testId}${path}`, init).then(answerOf),
};
type Way = keyof typeof ways;

const answerOf = async (response: Response): Promise<Said> => ({
  status: response.status,
  body: parsed(await response.text()),
});
const parsed = (text: string) => (text.startsWith("{") ? JSON.parse(text) : { text });

/** Asks the pages' process itself, as the door does. */
const behind = (path: string, { method = "GET", headers, body }: Sent): Promise<Said> =>
  new Promise((resolve, reject) => {
    const request = http.request(
      { socketPath: `${server.dataDir}/web.sock`, path, method, headers: { host: "127.0.0.1", ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parsed(text) }));
      },
    );
    request.on("error", reject).end(body);
  });

const json = { "content-type": "application/json" };
const visit = (of: Record<string, unknown> = {}) => JSON.stringify({ form: "visit", ...of });
const testsOf = ({ body }: Said) => body.test_ids as string[];
const messagesOf = (mark: string) =>
  database.query<{ id: string; source: string; matches: number; text: string }>(
    "select id, source, matches, headers::text || convert_from(body, 'UTF8') as text from messages where convert_from(body, 'UTF8') like $1",
    [`%${mark}%`],
  );

beforeAll(async () => {
  await new Promise<void>((resolve) => called.listen(0, "127.0.0.1", resolve));
  const edge = Number(await freePort());
  server = await startThrowAway({
    env: { EGRESS_ALLOW: "127.0.0.1", EDGE_DATABASE_FETCH_URL: `http://127.0.0.1:${edge}/sql` },
  });
  bridge = await startNeonBridge(server.databaseUrl, { port: edge });
  database = processDatabase(server.databaseUrl, connect(server.databaseUrl, { max: 4 }));
  target = await createTarget(
    "trials",
    "fn(state => { if (state.data.fails) throw new Error('no'); return state; });",
  );
  authorization = `Bearer ${await tokenOf(target)}`;
  const { id: credentialId } = await ask<{ id: string }>("POST", "account/credentials", {
    ...{ name: "Registry", schema: "raw" },
    body: { token: secret },
  });
  const shared = await ask<{ id: string }>("POST", `projects/${target.projectId}/credentials`, {
    credentialId,
  });
  const origin = `http://127.0.0.1:${(called.address() as AddressInfo).port}`;
  const graph = graphOf(origin, shared.id);
  const saved = await saveWorkflow(target.ctx, graph, {
    resolveAdaptor: async (_, version) => ({ version }),
  });
  workflowId = saved.id;
  const draft = await api<{ id: string; revision: number }>("PUT", "draft", {
    ...{ revision: null, baseVersion: 1 },
    graph: toDraft(saved.graph),
  });
  draftId = draft.id;
  revision = draft.revision;
}, 600_000);

afterAll(async () => {
  await database?.close();
  await server?.stop();
  await bridge?.close();
  called.closeAllConnections();
  called.close();
}, 60_000);

/** Tables that tests write, and what of a row is live all the same. */
const written: Record<string, string | null> = {
  test_runs: null,
  test_steps: null,
  draft_tests: null,
  drafts: "row(t.id, t.project_id)::text",
  messages: "case when t.source <> 'test' then t::text end",
  arrival_counts: "case when t.counted_id <> $1::uuid then t::text end",
  audit_events: "case when t.event !~ '^(test|draft)[.]' then t::text end",
  project_credentials: "row(t.id, t.project_id, t.credential_id)::text",
};
/** Tables that move by themselves, or by asking the API. */
const moving = [
  "adaptor_artefacts",
  "api_tokens",
  "executors",
  "operator_conditions",
  "rate_limits",
  "runners",
  "usage_counted",
];

/** Every other row there is: how many and a digest by table, once what follows upon live runs is up to date. */
async function live(): Promise<Record<string, { rows: number; digest: string }>> {
  await collectIssues({ db: database.db, announce: () => {} }, { budgetMs: 10_000 });
  await countUsage(database, { lagMs: 0 });
  await vi.waitFor(
    async () =>
      expect(
        await database.query("select 1 from outbox union all select 1 from notices where state = 'waiting'"),
      ).toEqual([]),
    // What is told is told within a minute.
    { timeout: 150_000, interval: 250 },
  );
  const tables = await database.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  );
  const found: Record<string, { rows: number; digest: string }> = {};
  for (const { name } of tables) {
    const line = written[name] === undefined ? "t::text" : written[name];
    if (line === null || moving.includes(name)) continue;
    const [one] = await database.query<{ rows: number; digest: string }>(
      `select count(line)::int as rows, md5(coalesce(string_agg(line, ',' order by line), '')) as digest
       from (select ${line} as line from ${name} t where $1::uuid is not null) t`,
      [draftId],
    );
    if (one) found[name] = one;
  }
  return found;
}

/** Sends a live message, and waits for the end of its run. */
async function liveMessage(body: Record<string, unknown>): Promise<string> {
  const response = await fetch(server.url + target.webhookPath, {
    ...{ method: "POST", headers: json },
    body: JSON.stringify(body),
  });
  const { work_order_id: order } = (await response.json()) as { work_order_id: string };
  await vi.waitFor(
    async () =>
      expect(
        await database.query(
          "select 1 from work_orders where id = $1 and state not in ('pending', 'running')",
          [order],
        ),
      ).toHaveLength(1),
    { timeout: 60_000, interval: 100 },
  );
  return response.headers.get("x-meta-message-id") ?? "";
}

let before: Awaited<ReturnType<typeof live>>;
const messages: string[] = [];

test("there are live runs, one of which failed, and its people are told", async () => {
  for (const n of [1, 2, 3])
    messages.push(await liveMessage({ form: "visit", n: `live-${n}`, fails: n === 3 }));
  before = await live();
  expect(before).toMatchObject({
    work_orders: { rows: 3 },
    runs: { rows: 3 },
    steps: { rows: 3 },
    issues: { rows: 1 },
  });
}, 200_000);

describe("a test by hand", () => {
  test("that records sends nothing, and shows what it would have sent", async () => {
    const id = await begin({ mode: "record", input: { json: { data: { mark: "recorded" } } } });
    const found = await ended(id);
    expect(found).toMatchObject({ state: "success", mode: "record", source: "hand", notes: [] });
    expect(found.steps.map(({ jobName, reason }) => [jobName, reason])).toEqual([
      ["Send", "success"],
      ["Note", "success"],
    ]);
    expect(found.steps[0]?.requests).toMatchObject([
      { host: "127.0.0.1", method: "POST", path: "/heard", body: expect.stringContaining("recorded") },
    ]);
    expect(found.steps[1]?.logs.map(({ message }) => message)).toContain("noted");
    expect(heard).toEqual([]);
  });

  test("that sends is heard once, with the credential, which is shown nowhere", async () => {
    const id = await begin({ mode: "send", input: { json: { data: { mark: "really-sent" } } } });
    const found = await ended(id);
    expect(found).toMatchObject({ state: "success", mode: "send" });
    expect(heardOf("really-sent")).toEqual([{ path: "/heard", body: expect.any(String), token: secret }]);
    expect(found.steps[0]?.connections).toMatchObject([{ host: "127.0.0.1" }]);
    const stored = await database.query(
      "select 1 from test_steps s join test_runs t on t.id = s.test_run_id where position($1 in s::text || t::text) > 0",
      [secret],
    );
    expect(stored).toEqual([]);
  });

  test("is on messages that somebody chose, on a step's input, and at one job alone", async () => {
    for (const messageId of messages.slice(0, 2)) {
      const found = await ended(await begin({ mode: "record", input: { messageId } }));
      expect(found).toMatchObject({ state: "success", inputOf: "message", messageId });
      expect(found.steps[0]?.requests[0]?.body).toContain(`live-${messages.indexOf(messageId) + 1}`);
    }
    const [step] = await database.query<{ id: string }>("select id from steps where message_id = $1", [
      messages[0],
    ]);
    const alone = await ended(
      await begin({ mode: "record", start: { jobId: ids.note, alone: true }, input: { stepId: step?.id } }),
    );
    expect(alone.steps.map(({ jobName }) => jobName)).toEqual(["Note"]);
    expect(alone.steps[0]?.input).toContain("live-1");
  });
});

test("a replay runs the saved version and the draft on messages, and tells what is sent otherwise", async () => {
  const graph = { ...(await api<{ draft: { graph: DraftGraph } }>("GET", "draft")).draft.graph };
  const jobs = graph.jobs.map((job) =>
    job.id === ids.note ? { ...job, body: job.body.replace("noted: true", 'noted: "twice"') } : job,
  );
  const saved = await api<{ revision: number }>("PUT", "draft", {
    ...{ revision, baseVersion: 1 },
    graph: { ...graph, jobs },
  });
  revision = saved.revision;
  const sent = heard.length;
  const { items } = await api<Replayed>("POST", "draft/replay", { revision, messageIds: messages });
  expect(items.map(({ messageId, problem }) => [messageId, problem])).toEqual(
    messages.map((id) => [id, null]),
  );
  for (const { changes, before: was, after } of items) {
    expect([was?.state, after?.state]).toEqual(["success", "success"]);
    expect(changes.map(({ jobName, what }) => [jobName, what])).toEqual([["Note", "output"]]);
  }
  expect(heard).toHaveLength(sent);
});

describe.each(Object.keys(ways) as Way[])("a draft's test URL at the %s", (way) => {
  let testId: string;
  const send = (of: Sent) => ways[way](testId, { method: "POST", headers: json, ...of });
  const mark = () => `${way.replace(/\W/g, "-")}-${randomUUID()}`;
  /** As many as there may be in a minute are asked for by all of them together. */
  const forgetCounts = () => database.query("delete from arrival_counts where counted_id = $1", [draftId]);

  test("is closed until it is opened, and over after a day", async () => {
    await forgetCounts();
    ({ testId } = await settings({ renew: true, isOpen: false, mode: "record" }));
    expect(await send({ body: visit() })).toMatchObject({ status: 404, body: { error: "test_closed" } });
    await settings({ isOpen: true });
    await database.query(
      "update draft_tests set open_until = now() - interval '1 second' where draft_id = $1",
      [draftId],
    );
    expect(await send({ body: visit() })).toMatchObject({ status: 410, body: { error: "test_over" } });
    const old = testId;
    ({ testId } = await settings({ renew: true, isOpen: true }));
    expect(await ways[way](old, { method: "POST", headers: json, body: visit() })).toMatchObject({
      status: 404,
      body: { error: "Webhook not found" },
    });
  });

  test("starts the filters that take it, a trigger that it names, or nothing, with nothing sent", async () => {
    const startOf = async (said: Said) => {
      expect(said).toMatchObject({ status: 200, body: { test: true, mode: "record" } });
      const found = await Promise.all(testsOf(said).map((id) => ended(id)));
      expect(found.map(({ state, source }) => [state, source])).toEqual(found.map(() => ["success", "url"]));
      return found.map(({ triggerId }) => triggerId);
    };
    const name = mark();
    expect(await startOf(await send({ body: visit({ name }) }))).toEqual([ids.filter]);
    expect(await startOf(await send({ body: JSON.stringify({ form: "other", name }) }))).toEqual([ids.other]);
    expect(await startOf(await send({ body: JSON.stringify({ form: "other", old: true, name }) }))).toEqual(
      [],
    );
    expect(
      await startOf(await send({ path: `/${ids.webhook}/more?x=1`, body: `{"name":"${name}"}` })),
    ).toEqual([ids.webhook]);
    expect(await startOf(await send({ path: `/${ids.webhook}?name=${name}`, method: "GET" }))).toEqual([
      ids.webhook,
    ]);
    expect(await send({ path: `/${ids.cron}`, body: visit() })).toMatchObject({
      status: 404,
      body: { error: "unknown_trigger" },
    });
    expect(heardOf(name)).toEqual([]);
    const stored = await messagesOf(name);
    expect(stored.map(({ source, matches }) => [source, matches])).toEqual(stored.map(() => ["test", -1]));
    expect(stored).toHaveLength(4);
  });

  test("sends once where its owner says so", async () => {
    await settings({ mode: "send" });
    const name = mark();
    const said = await send({ body: visit({ name }) });
    expect(said).toMatchObject({ status: 200, body: { mode: "send" } });
    for (const id of testsOf(said)) expect(await ended(id)).toMatchObject({ state: "success" });
    expect(heardOf(name)).toHaveLength(1);
    await settings({ mode: "record" });
  });

  test("asks for no credentials and keeps none, and a repeat is a test again", async () => {
    const name = mark();
    const headers = {
      ...json,
      authorization: `Bearer ${secret}`,
      "x-api-key": secret,
      cookie: `session=${secret}`,
      "x-visit": "1",
      "idempotency-key": name,
    };
    const answers = [
      await send({ headers, body: visit({ name }) }),
      await send({ headers, body: visit({ name }) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.flatMap(testsOf)).size).toBe(2);
    const stored = await messagesOf(name);
    expect(stored).toHaveLength(2);
    for (const { text } of stored) {
      expect(text).toContain("x-visit");
      expect(text).not.toContain(secret);
    }
    for (const id of answers.flatMap(testsOf)) await ended(id);
  });

  test("takes so many a minute and no more than may wait, and says when to come again", async () => {
    await database.query(
      "insert into arrival_counts (counted_id, ten_seconds, backend, count) values ($1, floor(extract(epoch from now()) / 10)::int, 0, $2) on conflict (counted_id, ten_seconds, backend) do update set count = excluded.count",
      [draftId, limits.testsPerMinute],
    );
    const name = mark();
    expect((await send({ body: visit({ name }) })).status).toBe(429);
    await forgetCounts();
    await database.query(
      "insert into test_runs (project_id, draft_id, revision, source, mode, input_of) select $1, $2, 1, 'hand', 'record', 'none' from generate_series(1, $3)",
      [target.projectId, draftId, limits.testsWaiting],
    );
    expect((await send({ body: visit({ name }) })).status).toBe(429);
    await database.query("delete from test_runs where draft_id = $1 and state = 'waiting'", [draftId]);
    expect(await messagesOf(name)).toEqual([]);
  });
});

describe("kill -9 of the engine while a test runs", () => {
  test("ends it in a final word with the reason, runs nothing of it again, and a clock of the draft goes on", async () => {
    const id = await begin({ mode: "send", input: { json: { data: { to: "held", mark: "killed" } } } });
    await vi.waitFor(() => expect(heardOf("killed")).toHaveLength(1), { timeout: 60_000 });
    await settings({ followsSchedule: true, mode: "record" });
    const { pid } = server.run().processes.engine ?? {};
    process.kill(pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(server.run().processes.engine?.pid).not.toBe(pid), { timeout: 60_000 });
    // Nobody gives a sign of life any more; a minute of that need not be waited for.
    expect(await read(id)).toMatchObject({ state: "running" });
    await database.query("update test_runs set beat_at = beat_at - interval '1 hour' where id = $1", [id]);
    const found = await ended(id, 150_000);
    expect(found).toMatchObject({
      state: "lost",
      errorType: "Lost",
      errorMessage: expect.stringContaining("stays sent"),
    });
    expect(found.steps).toMatchObject([{ jobName: "Send", reason: null, finishedAt: null }]);
    const byClock = await vi.waitFor(
      async () => {
        const { items } = await api<{ items: TestRow[] }>("GET", "draft/tests");
        const one = items.find(({ source }) => source === "clock");
        expect(one?.finishedAt).toEqual(expect.any(String));
        return one;
      },
      { timeout: 150_000, interval: 250 },
    );
    await settings({ followsSchedule: false });
    expect(byClock).toMatchObject({
      triggerId: ids.cron,
      mode: "record",
      inputOf: "clock",
      state: "success",
    });
    expect(heardOf("killed")).toHaveLength(1);
    // A test afterwards does not wait for the one before.
    expect(await ended(await begin({ mode: "record" }))).toMatchObject({ state: "success" });
    expect(await database.query("select id from test_runs where finished_at is null")).toEqual([]);
  }, 400_000);
});

test("nothing live came of any test: no row, and none changed", async () => {
  const [{ tests }] = (await database.query<{ tests: number }>(
    "select count(*)::int as tests from test_runs",
  )) as [{ tests: number }];
  expect(tests).toBeGreaterThan(20);
  expect(await live()).toEqual(before);
});
