import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Context } from "@/lib/domain/context";
import { cancelRun } from "@/lib/domain/run/cancel";
import { runnerBook } from "@/lib/domain/runner/book";
import { registerRunner, runnerRegistration } from "@/lib/domain/runner/register";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import type { ExecutionHost } from "@/lib/execution/host";
import { stopRun } from "@/lib/execution/stop-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { connectRunner } from "@/lib/runner/client";
import type { StepFate, StepRequest, StepResult } from "@/lib/runner/contract";
import type { Life, Runners } from "@/lib/runner/fleet";
import { adaptors, stepRequest, type TestServer, testServer } from "@/lib/runner/testing/local-runner";
import { bundleRunner, ended, startRunner } from "@/lib/runner/testing/runner-process";
import { makeCertificate, neverEnds } from "@/lib/runner/tls/certificate";
import { fingerprintOf } from "@/lib/runner/tls/fingerprint";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { Fleet } from "./fleet";

/** Two runner processes that make themselves known, one of them over mutual TLS, and engines that come and go. */

const database = testDatabase();
const { db } = database;
const book = runnerBook(db);
const token = "a-token-for-this-test";
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-fleet-"));
const patienceMs = 60_000;

type Process = { name: string; port: number; url: string; env: Record<string, string>; child: ChildProcess };
let out: string;
let origin: http.Server;
let destination: TestServer;
let runners: Process[];
const fleets: Fleet[] = [];

/** The route that web serves, without web. */
async function serveRegistrations(): Promise<http.Server> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const said = runnerRegistration.parse(JSON.parse(Buffer.concat(chunks).toString()));
      await registerRunner({ db, token, allowPlain: false, now: Date.now }, said);
      response.writeHead(request.url === "/api/runners" ? 204 : 404).end();
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What engines show to a runner that asks who calls. */
const own = await makeCertificate({ name: "engine", validFrom: new Date(0), validTo: neverEnds });

async function begin(
  name: string,
  protocol: "http" | "https",
  more: Record<string, string> = {},
): Promise<Process> {
  const port = await freePort();
  const url = `${protocol}://127.0.0.1:${port}`;
  const env = {
    RUNNER_URL: url,
    RUNNER_TOKEN: token,
    RUNNER_NAME: name,
    RUNNER_REGISTER_AT: `http://127.0.0.1:${portOf(origin)}`,
    DATA_DIR: path.join(dir, name),
    EGRESS_ALLOW: "127.0.0.1",
    ...more,
  };
  return { name, port, url, env, child: startRunner(out, env) };
}

/** Starts a runner that has ended, or is ending, in the same place: another life. */
async function restart(name: string): Promise<void> {
  const one = named(name);
  await ended(one.child);
  one.child = startRunner(out, one.env);
}

/** An engine's view of the runners: it is told of none and finds them in the book. */
function engine(): Fleet {
  const fleet = new Fleet({
    addresses: [],
    book,
    everyMs: 200,
    connect: ({ address, fingerprint }, life) =>
      connectRunner({
        url: address,
        token,
        life,
        trust: fingerprint ? { fingerprints: [fingerprint], own } : {},
      }),
  });
  fleets.push(fleet);
  return fleet;
}

type Given = { request: StepRequest; life: Life; result: Promise<StepResult> };

const source = (): string =>
  `fn(s => { console.log("begun"); return s }); get(${JSON.stringify(`${destination.url}/held`)}, { parseAs: "text" })`;

/** A step that begins, says so, and waits for the destination to answer. */
async function give(fleet: Fleet, project: string): Promise<Given> {
  const request = stepRequest(source(), { http: true, stepId: randomUUID(), projectId: project, epoch: 1 });
  const life = await fleet.pick(project);
  let begun = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const result = life.runner.runStep(request, (lines) => {
    if (lines.some(({ message }) => message.includes("begun"))) begun();
  });
  await Promise.race([hasBegun, result]);
  return { request, life, result };
}

const named = (name: string): Process => {
  const found = runners.find((one) => one.name === name);
  if (!found) throw new Error(`no runner ${name}`);
  return found;
};

/** Steps until each runner has as many. */
async function giveToEach(fleet: Fleet, each: number): Promise<Given[]> {
  const given: Given[] = [];
  for (let n = 0; n < 200; n += 1) {
    const counts = runners.map(({ name }) => given.filter(({ life }) => life.name === name).length);
    if (counts.every((count) => count >= each)) return given;
    given.push(await give(fleet, `project-${n}`));
  }
  throw new Error("One of the runners was given none.");
}

const follow = (fleet: Fleet, { request: { stepId }, life }: Given): Promise<StepFate> =>
  fleet.of(life.id).followStep({ stepId, epoch: 2, attempt: 0 }, () => {});

const bothTakeSteps = (fleet: Fleet) =>
  vi.waitFor(
    async () => {
      const states = await fleet.states();
      expect(states.filter(({ health }) => health && !health.isDraining)).toHaveLength(2);
    },
    { timeout: patienceMs, interval: 200 },
  );

beforeEach(async () => {
  destination = await testServer();
});
afterEach(async () => {
  for (const fleet of fleets.splice(0)) fleet.close();
  destination.release();
  await destination.close();
});

beforeAll(async () => {
  out = await bundleRunner(path.basename(dir));
  origin = await serveRegistrations();
  const callers = path.join(dir, "callers.pem");
  fs.writeFileSync(callers, own.cert);
  runners = [await begin("plain", "http"), await begin("secure", "https", { RUNNER_CLIENT_CA: callers })];
});

afterAll(async () => {
  for (const { child } of runners) child.kill("SIGKILL");
  await Promise.all(runners.map(({ child }) => ended(child)));
  origin.close();
  fs.rmSync(out, { recursive: true, force: true });
  fs.rmSync(dir, { recursive: true, force: true });
});

test("runners are known without being named, each by its address and certificate", async () => {
  const fleet = engine();
  await bothTakeSteps(fleet);
  const known = await book.list();
  expect(known.find(({ name }) => name === "plain")).toMatchObject({
    address: named("plain").url,
    fingerprint: null,
  });
  const file = path.join(dir, "secure/runner/certificate.pem");
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(known.find(({ name }) => name === "secure")).toMatchObject({
    address: named("secure").url,
    fingerprint: fingerprintOf(fs.readFileSync(file, "utf8")),
  });
});

const at = (given: Given[], name: string): Given[] => given.filter(({ life }) => life.name === name);
const reasons = async (given: Given[]) =>
  (await Promise.all(given.map(({ result }) => result))).map((one) => one.reason);

test("a runner that is told to stop ends what it has, while new steps go to the other", async () => {
  const fleet = engine();
  await bothTakeSteps(fleet);
  const given = await giveToEach(fleet, 2);
  const { child } = named("plain");
  child.kill("SIGTERM");
  await vi.waitFor(
    async () => {
      const plain = (await fleet.states()).find(({ name }) => name === "plain");
      expect(plain?.health?.isDraining).toBe(true);
    },
    { timeout: patienceMs, interval: 100 },
  );
  const later = [];
  for (let n = 0; n < 8; n += 1) later.push(await give(fleet, `later-${n}`));
  expect(at(later, "secure")).toHaveLength(later.length);
  // An engine that is replaced meanwhile finds the steps of the one that leaves.
  const followed = at(given, "plain").map((one) => follow(engine(), one));
  destination.release();
  expect((await Promise.all(followed)).map((fate) => fate.kind === "result" && fate.result.reason)).toEqual(
    followed.map(() => "success"),
  );
  expect(await reasons([...at(given, "secure"), ...later])).toEqual(
    [...at(given, "secure"), ...later].map(() => "success"),
  );
  await ended(child);
  expect(child.exitCode).toBe(0);
});

test("a runner that is killed loses its own steps alone, and its successor says what they had reached", async () => {
  await restart("plain");
  const fleet = engine();
  await bothTakeSteps(fleet);
  const given = await giveToEach(fleet, 2);
  await vi.waitFor(() => expect(destination.hits.length).toBe(given.length), { timeout: patienceMs });
  named("plain").child.kill("SIGKILL");
  await restart("plain");
  const lost = at(given, "plain");
  const fates = await Promise.all(lost.map((one) => follow(engine(), one)));
  const hosts = [{ host: "127.0.0.1", port: destination.port, bytesSent: expect.any(Number) }];
  expect(fates).toEqual(lost.map(() => ({ kind: "gone", hosts })));
  expect(await reasons(lost)).toEqual(lost.map(() => "lost"));
  destination.release();
  expect(await reasons(at(given, "secure"))).toEqual(at(given, "secure").map(() => "success"));
  await bothTakeSteps(fleet);
});

/** A workflow of one job that waits for the destination, and as many runs of it that wait to be executed. */
async function waitingRuns(count: number): Promise<{ ctx: Context; runs: string[] }> {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const [trigger, job] = [randomUUID(), randomUUID()];
  const { name, version } = adaptors.http;
  await saveWorkflow(
    ctx,
    {
      name: "held",
      triggers: [{ id: trigger, type: "message_filter", enabled: true, inclusion: {} }],
      jobs: [{ id: job, name: "Held", body: source(), adaptor: `${name}@${version}` }],
      edges: [{ id: randomUUID(), sourceTriggerId: trigger, targetJobId: job, conditionType: "always" }],
    },
    { resolveAdaptor: async (_, exact) => ({ version: exact }) },
  );
  const keys = await inboxKeys("x".repeat(40));
  const accepted = Array.from({ length: count }, () =>
    accept(
      {
        method: "POST",
        segments: [project.inboxId],
        search: "",
        headers: { "content-type": "application/json" },
        body: new Response("{}").body,
      },
      { query: database.query, ...keys, maxBodyBytes: 1e6 },
    ),
  );
  await Promise.all(accepted);
  const rows = await database.query<{ id: string }>("select id from runs where project_id = $1", [
    project.id,
  ]);
  return { ctx, runs: rows.map(({ id }) => id) };
}

/** Gives steps to both runners in turn, however many each of them could take. */
async function executorWith(fleet: Fleet): Promise<ExecutionHost> {
  await bothTakeSteps(fleet);
  const states = await fleet.states();
  const lives = states.flatMap(({ health }) => (health ? [{ id: health.life, name: health.name }] : []));
  let turn = 0;
  const inTurn: Runners = {
    of: (life) => fleet.of(life),
    any: () => fleet.any(),
    only: () => null,
    async pick(projectId) {
      turn += 1;
      const life = lives[turn % lives.length];
      return life ? { ...life, runner: fleet.of(life.id) } : fleet.pick(projectId);
    },
  };
  return { ...testExecutionHost(new ScriptedRunner()), runners: inTurn, stepTimeoutMs: 300_000 };
}

type StepOf = { runId: string; runner: string; epoch: number; exitReason: string | null; state: string };
const stepsOf = (runs: string[]) =>
  database.query<StepOf>(
    `select s.run_id as "runId", l.name as runner, s.epoch, s.exit_reason as "exitReason", r.state
      from steps s join runs r on r.id = s.run_id join runners l on l.id = s.runner_id
      where s.run_id = any($1::uuid[])`,
    [runs],
  );

test("eight runs that another executor takes over: none is lost or run twice, and six cancels find their steps", async () => {
  const { ctx, runs } = await waitingRuns(8);
  const [first, second] = [await executorWith(engine()), await executorWith(engine())];
  const execute = (host: ExecutionHost) =>
    runs.map((id) => executeRun(host, id, (_, work) => work()).catch((error: unknown) => error));
  const before = execute(first);
  await vi.waitFor(() => expect(destination.hits).toHaveLength(8), { timeout: patienceMs });
  const begun = await stepsOf(runs);
  const after = execute(second);
  await vi.waitFor(
    async () => expect((await stepsOf(runs)).map(({ epoch }) => epoch)).toEqual(runs.map(() => 2)),
    { timeout: patienceMs },
  );
  const toCancel = runners.flatMap(({ name }) => begun.filter(({ runner }) => runner === name).slice(0, 3));
  expect(toCancel).toHaveLength(6);
  for (const { runId } of toCancel) {
    await cancelRun(ctx, runId);
    await stopRun(second, runId, 0);
  }
  const states = async (of: string[]) =>
    (await stepsOf(of)).map(({ state, exitReason }) => [state, exitReason]);
  const cancelled = toCancel.map(({ runId }) => runId);
  await vi.waitFor(
    async () => expect(await states(cancelled)).toEqual(cancelled.map(() => ["cancelled", "cancel"])),
    { timeout: patienceMs },
  );
  destination.release();
  await Promise.all([...before, ...after]);
  const others = runs.filter((id) => !cancelled.includes(id));
  expect(await states(others)).toEqual(others.map(() => ["success", "success"]));
  expect(destination.hits).toHaveLength(8);
});

test("the token reaches nobody but the runner whose certificate is expected", async () => {
  const heard: string[] = [];
  const other = await makeCertificate({ name: "other", validFrom: new Date(0), validTo: neverEnds });
  const expected = { fingerprints: [fingerprintOf(other.cert)] };
  const { url, port } = named("secure");
  const { fingerprint } = (await book.list()).find(({ name }) => name === "secure") ?? {};
  const pinned = { fingerprints: [fingerprint ?? ""] };
  const waits = { absenceMs: 0 };
  await expect(connectRunner({ url, token, waits, trust: expected }).health()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("not trusted") },
  });
  await expect(connectRunner({ url, token, waits }).health()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("self-signed") },
  });
  // The runner knows its callers, too.
  const stranger = { ...pinned, own: other };
  for (const trust of [pinned, stranger])
    await expect(connectRunner({ url, token, waits, trust }).health()).rejects.toMatchObject({
      code: "unavailable",
    });
  const between = net.createServer((socket) => {
    const onwards = net.connect(port, "127.0.0.1");
    socket.on("data", (bytes) => heard.push(bytes.toString("latin1")));
    for (const one of [socket, onwards]) one.on("error", () => undefined);
    socket.pipe(onwards).pipe(socket);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const through = connectRunner({
    url: `https://127.0.0.1:${portOf(between)}`,
    token,
    trust: { ...pinned, own },
  });
  expect((await through.health()).name).toBe("secure");
  expect(heard.join("")).not.toContain(token);
  between.close();
});
