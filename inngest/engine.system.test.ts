import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type BuildOptions, build } from "esbuild";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ownTestDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { testEngine, until } from "./embedded/testing/harness";
import { engineHealth } from "./health";
import { StandIn } from "./server/testing/stand-in";

// Engines that other files have killed leave rows that are asked for again.
const database = await ownTestDatabase();
const outdir = path.resolve(".build", `engine-test-${randomBytes(4).toString("hex")}`);
const schemas: string[] = [];
const children: ChildProcess[] = [];

const bundling: BuildOptions = {
  bundle: true,
  format: "esm",
  loader: { ".sql": "text" },
  outExtension: { ".js": ".mjs" },
  packages: "external",
  platform: "node",
  target: "node20",
};
const environment = {
  NODE_ENV: "production" as const,
  PATH: process.env.PATH,
  DATABASE_URL: process.env.DATABASE_URL,
  SECRET_KEY: "system-test-secret-key-system-test-secret-key",
  RUNNER_URL: "unix:/nonexistent/runner.sock",
  RUNNER_TOKEN: "token",
};

function start(
  name: string,
  args: string[],
  stdio: "ipc" | "ignore" = "ignore",
  extra: Record<string, string> = {},
) {
  const said: string[] = [];
  const complained: string[] = [];
  const child = spawn(process.execPath, [path.join(outdir, `${name}.mjs`), ...args], {
    env: { ...environment, ...extra },
    stdio: ["ignore", "pipe", "pipe", stdio],
  });
  children.push(child);
  child.stderr?.on("data", (data) => complained.push(String(data)));
  child.stdout?.on("data", (data) => said.push(...String(data).trim().split("\n")));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, said, complained, ended };
}

async function workload(runs: number) {
  const schema = `system_${randomBytes(4).toString("hex")}`;
  schemas.push(schema);
  const sender = testEngine(database, { schema, maxInFlight: 0 });
  await sender.engine.start();
  const send = () =>
    sender.engine.send(
      Array.from({ length: runs }, (_, i) => ({ name: "t/slow", data: { id: `r${i}`, ms: 150 } })),
    );
  const steps = () =>
    database.query<{ data: string; stack: number; status: string }>(
      `select events->0->'data'->>'id' as data, cardinality(stack) as stack, status from ${schema}.run where fn = 't-slow'`,
    );
  const allDone = async () => (await steps()).every((run) => run.status === "completed");
  return { schema, send, steps, allDone, stop: () => sender.engine.stop() };
}

/** A stand-in for Inngest, and the address at which it finds a function for runs, which notes them. */
async function realInngest() {
  const standIn = new StandIn();
  await standIn.start();
  const { signingKey, eventKey, origin } = standIn;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new Inngest({
    id: "waybill",
    isDev: false,
    logger: silent,
    signingKey,
    eventKey,
    baseUrl: origin,
  });
  const executed: string[] = [];
  const executeRun = client.createFunction(
    { id: "execute-run", triggers: [{ event: "run/requested" }] },
    async ({ event }) => void executed.push(String(event.data.runId)),
  );
  const app = http.createServer(serve({ client, functions: [executeRun] }));
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const external = {
    INNGEST_DEV: "0",
    INNGEST_BASE_URL: origin,
    INNGEST_EVENT_KEY: eventKey,
    INNGEST_SIGNING_KEY: signingKey,
    INNGEST_SERVE_ORIGIN: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
  };
  return { standIn, app, executed, environment: external };
}

beforeAll(async () => {
  const entryPoints = { engine: "lib/processes/engine.ts", process: "inngest/embedded/testing/process.ts" };
  await build({ entryPoints, outdir, ...bundling });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  fs.rmSync(outdir, { recursive: true, force: true });
  for (const schema of schemas) await database.query(`drop schema if exists ${schema} cascade`);
});

describe("kill -9 of an engine in the middle of its work", () => {
  it("loses nothing: a new one goes on at once where checkpoints ended", async () => {
    const leaseMs = 60_000;
    const { schema, send, steps, allDone, stop } = await workload(10);
    const first = start("process", [schema, String(leaseMs)]);
    await until(() => first.said.includes("up"), 20_000);
    await send();
    await until(() => first.said.filter((line) => line.startsWith("slow end")).length >= 15);
    first.child.kill("SIGKILL");
    await first.ended;
    const before = new Map((await steps()).map((run) => [run.data, run.stack]));

    const second = start("process", [schema, String(leaseMs)]);
    await until(() => second.said.includes("up"), 20_000);
    const upAt = Date.now();
    await until(() => second.said.some((line) => line.startsWith("slow start")));
    // At once: not when the lease of the one before is over.
    expect(Date.now() - upAt).toBeLessThan(leaseMs / 2);
    await until(allDone, 30_000);
    for (const run of await steps()) {
      expect(run.stack).toBe(5);
      for (let i = 0; i < (before.get(run.data) ?? 0); i++)
        expect(second.said).not.toContain(`slow start ${run.data} ${i}`);
    }
    const ends = [...first.said, ...second.said].filter((line) => line.startsWith("slow end"));
    expect(new Set(ends).size).toBe(50);
    expect(await database.query(`select * from ${schema}.queue`)).toEqual([]);
    await stop();
  });
});

describe("an engine that was stopped and comes back late", () => {
  it("finds its work in other hands and leaves it there", async () => {
    const { schema, send, steps, allDone, stop } = await workload(4);
    // Longer than a loaded machine keeps a process that lives from saying so.
    const lease = "3000";
    const first = start("process", [schema, lease]);
    await until(() => first.said.includes("up"), 20_000);
    await send();
    await until(() => first.said.filter((line) => line.startsWith("slow end")).length >= 4);
    first.child.kill("SIGSTOP");
    const saidBefore = first.said.length;
    const second = start("process", [schema, lease]);
    await until(() => second.said.some((line) => line.startsWith("slow start")), 20_000);
    first.child.kill("SIGCONT");
    await until(allDone, 30_000);
    expect((await steps()).map((run) => run.stack)).toEqual([5, 5, 5, 5]);
    // Each run's step that was under way ends in vain; none begins after it.
    expect(
      first.said.slice(saidBefore).filter((line) => line.startsWith("slow start")).length,
    ).toBeLessThanOrEqual(4);
    await stop();
  });
});

describe("the engine process", () => {
  it("serves the product's functions, says how it is, and stops on SIGTERM leaving nothing", async () => {
    const { child, ended } = start("engine", [], "ipc");
    const messages: unknown[] = [];
    const isBeat = (message: unknown) => JSON.stringify(message) === '{"type":"beat"}';
    child.on("message", (message) => isBeat(message) || messages.push(message));
    await until(() => messages.length > 0, 20_000);
    expect(messages).toEqual([{ type: "ready" }]);
    expect(await engineHealth(database)).toMatchObject({ isUp: true, engines: 1 });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(await engineHealth(database)).toMatchObject({ isUp: false, engines: 0 });
  });

  it("hands the outbox over to a real Inngest, and keeps it registered there", async () => {
    const { standIn, environment: external, app } = await realInngest();
    const { child, ended } = start("engine", [], "ipc", external);
    await new Promise((resolve) => child.once("message", resolve));
    const [runId, projectId, workflowId] = [randomUUID(), randomUUID(), randomUUID()];
    const data = { runId, projectId, workflowId, priority: 0 };
    standIn.places = 0;
    await database.query("insert into outbox (event, data) values ('run/requested', $1)", [
      JSON.stringify(data),
    ]);
    await database.query("notify outbox");
    await until(() => standIn.sent.length > 0);
    expect(standIn.events).toMatchObject([
      { id: runId, name: "run/requested", data: { ...data, lane: runId } },
    ]);
    await until(async () => (await database.query("select 1 from outbox")).length === 0);
    expect(await engineHealth(database)).toMatchObject({ isUp: true, engines: 1, outbox: 0 });
    await until(() => standIn.functions.includes("waybill-execute-run"));
    expect(standIn.functions).toEqual([
      "waybill-bulk-act",
      "waybill-bulk-act-failure",
      "waybill-collect-issues",
      "waybill-count-usage",
      "waybill-delete-due",
      "waybill-execute-run",
      "waybill-execute-run-failure",
      "waybill-keep-partitions",
      "waybill-move-payloads",
      "waybill-person-request",
      "waybill-person-request-failure",
      "waybill-release-runs",
      "waybill-retain",
      "waybill-run-test",
      "waybill-send-digests",
      "waybill-send-mails",
      "waybill-send-to-channels",
      "waybill-stop-run",
      "waybill-tell-of-credentials",
      "waybill-tick",
      "waybill-watch",
    ]);
    // A run that there is room for is begun without an event.
    const { id: inRoom } = await createTestProject();
    await database.query(
      `with w as (insert into workflows (id, project_id, name) values (gen_random_uuid(), $1, 'w') returning id, project_id),
       o as (insert into work_orders (project_id, workflow_id, snapshot_id) select project_id, id, id from w returning *),
       r as (
         insert into runs (project_id, workflow_id, work_order_id, snapshot_id) select project_id, workflow_id, id, snapshot_id from o returning *
       )
       insert into outbox (project_id, event, data)
       select project_id, 'run/requested', jsonb_build_object('runId', id, 'projectId', project_id, 'workflowId', workflow_id, 'priority', 0) from r`,
      [inRoom],
    );
    await database.query("notify outbox");
    await until(() => standIn.requests.includes("POST /api/v2/apps/waybill/functions/…/invoke"));
    await until(async () => (await database.query("select 1 from outbox")).length === 0);
    expect(standIn.events.at(-1)).toMatchObject({ data: { projectId: inRoom, lane: expect.any(String) } });
    expect(standIn.sent).toEqual([runId]);
    standIn.forget();
    await until(() => standIn.functions.includes("waybill-execute-run"), 40_000);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    await standIn.stop();
    app.close();
  });

  it("killed, or away from Inngest, it loses nothing and asks for nothing twice", async () => {
    const { standIn, environment: external, app, executed } = await realInngest();
    const ids = Array.from({ length: 40 }, () => randomUUID());
    const ask = (some: string[]) =>
      database.query(
        "insert into outbox (event, data) select 'run/requested', jsonb_build_object('runId', id, 'projectId', id, 'workflowId', id, 'priority', 0) from unnest($1::text[]) id",
        [some],
      );
    const first = start("engine", [], "ipc", external);
    await until(() => standIn.functions.length > 0, 40_000);
    await ask(ids.slice(0, 20));
    await database.query("notify outbox");
    await until(() => standIn.sent.length > 3);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = start("engine", [], "ipc", external);
    await until(() => standIn.sent.length >= 20, 40_000);
    await standIn.stop();
    await ask(ids.slice(20));
    await database.query("notify outbox");
    await until(() => second.complained.join("").includes("outbox"), 40_000);
    await standIn.start();
    await until(() => new Set(executed).size === 40, 60_000);
    // Also what was sent twice, because its sender died before it heard the answer, was executed once.
    expect(executed.toSorted()).toEqual(ids.toSorted());
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    await standIn.stop();
    app.close();
  });

  it("leaves a database that has become too new for it, and does not start on it again", async () => {
    const { child, complained, ended } = start("engine", [], "ipc");
    await new Promise((resolve) => child.once("message", resolve));
    await database.query(
      "insert into durable.migration (number, name, sha256, is_breaking, applied_at) values (900, '0900_test', '', true, now())",
    );
    try {
      const sentence =
        /engine knows the schema up to migration \d+, and 0900_test is breaking. Deploy the same/;
      expect(await ended).toBe(78);
      expect(complained.join("")).toMatch(sentence);
      expect(complained.join("").trim().split("\n")).toHaveLength(1);
      expect((await engineHealth(database)).problem).toMatch(sentence);
      const again = start("engine", [], "ipc");
      expect(await again.ended).toBe(78);
      expect(again.complained.join("")).toMatch(sentence);
    } finally {
      await database.query("delete from durable.migration where number = 900");
    }
  });

  it("ends when the launcher that started it is gone", async () => {
    const { child, ended } = start("engine", [], "ipc");
    await new Promise((resolve) => child.once("message", resolve));
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
