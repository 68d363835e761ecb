import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Database } from "@/db/client";
import { createTarget, type Target } from "@/lib/bench/setup";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { processDatabase } from "@/lib/testing/process-database";
import { build } from "./build.mjs";
import { freePort } from "./postgres.mjs";
import { end, identify, until } from "./processes.mjs";
import { neutralEnvironment } from "./throw-away.mjs";

/** Every role on its own, as on several machines, and a second process of each that takes the first one's place. */
type Started = { child: ChildProcess; log: () => string; ended: Promise<number | null> };

let own: OwnDatabase;
let parent: string;
let database: Database;
let target: Target;
const children: ChildProcess[] = [];
const ports = { web: [0, 0], runner: [0, 0] };
const secrets = {
  SECRET_KEY: randomBytes(32).toString("base64"),
  RUNNER_TOKEN: randomBytes(32).toString("base64"),
};

async function start(role: "web" | "engine" | "runner", copy: 0 | 1): Promise<Started> {
  const runnerUrls = ports.runner.map((port) => `http://127.0.0.1:${port}`);
  const env = {
    ...secrets,
    LOG_LEVEL: "warn",
    HOST: "127.0.0.1",
    PORT: String(ports.web[copy]),
    DATA_DIR: path.join(parent, `${role}-${copy}`),
    RUNNER_URL: (role === "runner" ? runnerUrls[copy] : runnerUrls.join(",")) ?? "",
    ...(role === "runner" ? {} : { DATABASE_URL: own.url }),
  };
  const child = spawn(process.execPath, ["lib/launcher/main.mjs", role], {
    env: neutralEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const isUp = () => said.includes(`Waybill's ${role} runs`) || child.exitCode !== null;
  expect(await until(isUp, 120_000), said).toBe(true);
  expect(child.exitCode, said).toBeNull();
  return { child, log: () => said, ended };
}

const running: Partial<Record<"web" | "engine" | "runner", Started>> = {};
beforeAll(async () => {
  await build();
  own = await ownDatabase();
  parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-rolling-"));
  for (const port of [ports.web, ports.runner]) for (const copy of [0, 1]) port[copy] = await freePort();
  running.runner = await start("runner", 0);
  running.web = await start("web", 0);
  running.engine = await start("engine", 0);
  database = processDatabase(own.url);
  target = await createTarget(
    "rolling",
    "fn(state => new Promise(resolve => setTimeout(() => resolve({}), state.data.ms)));",
  );
}, 600_000);
afterAll(async () => {
  await Promise.all(children.map((child) => end(identify(child.pid), [["SIGTERM", 60_000]])));
  await database?.close();
  await own?.drop();
  fs.rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 120_000);

const accepted: string[] = [];

/** As a proxy in front of both doors: the next one when nobody listens at this, and never a second time otherwise. */
async function send(ms: number): Promise<string> {
  for (const port of ports.web) {
    let response: Response;
    try {
      response = await fetch(`http://127.0.0.1:${port}${target.webhookPath}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ms }),
        signal: AbortSignal.timeout(60_000),
      });
    } catch (error) {
      if (error instanceof Error && JSON.stringify(error.cause).includes("ECONNREFUSED")) continue;
      throw error;
    }
    await response.arrayBuffer();
    const id = response.headers.get("x-meta-message-id");
    if (response.status !== 200 || !id) throw new Error(`refused: ${response.status}`);
    accepted.push(id);
    return id;
  }
  throw new Error("nobody listens");
}

/** Sends without a pause, over connections that are kept, while `act` goes on. Answers what was not accepted. */
async function underLoad(act: () => Promise<void>): Promise<string[]> {
  const failures: string[] = [];
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      await send(20).catch((error: Error) => failures.push(`${error.message} ${error.cause ?? ""}`));
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  };
  const lanes = [lane(), lane()];
  await act().finally(() => {
    isOver = true;
  });
  await Promise.all(lanes);
  return failures;
}

const stepOf = async (id: string) =>
  (
    await database.query<{ ended: boolean; state: string }>(
      `select s.finished_at is not null as ended, r.state from messages m join work_orders o on o.message_id = m.id
         join runs r on r.work_order_id = o.id join steps s on s.run_id = r.id where m.id = $1`,
      [id],
    )
  )[0];

/** Sends a message whose step takes so long, and waits until it runs. */
async function sendSlow(ms: number): Promise<string> {
  const id = await send(ms);
  const isRunning = async () => expect(await stepOf(id)).toMatchObject({ ended: false });
  await vi.waitFor(isRunning, { timeout: 60_000, interval: 50 });
  return id;
}

it.each(["web", "engine", "runner"] as const)(
  "one %s takes another's place under load: nothing is refused, and nothing is lost",
  async (role) => {
    const before = running[role];
    const failures = await underLoad(async () => {
      running[role] = await start(role, 1);
      await sendSlow(3_000);
      before?.child.kill("SIGTERM");
      expect(await before?.ended, before?.log()).toBe(0);
    });
    expect(failures).toEqual([]);
  },
  300_000,
);

it("a stop says what it waits for, a second Ctrl-C hurries it, and the next engine goes on with the step", async () => {
  const { engine } = running;
  const slow = await sendSlow(20_000);
  engine?.child.kill("SIGINT");
  const isSaid = () =>
    engine?.log().includes("Waiting for 1 step that runs, up to 5 minutes; Ctrl-C again stops it");
  expect(await until(isSaid, 60_000), engine?.log()).toBe(true);
  engine?.child.kill("SIGINT");
  expect(await engine?.ended, engine?.log()).toBe(0);
  expect(await stepOf(slow)).toMatchObject({ ended: false });
  running.engine = await start("engine", 0);
  await vi.waitFor(async () => expect(await stepOf(slow)).toMatchObject({ ended: true, state: "success" }), {
    timeout: 60_000,
    interval: 100,
  });
}, 300_000);

it("every message that was accepted ran once and ended well", async () => {
  const unfinished = () => database.query(`select 1 from runs where state in ('pending', 'running') limit 1`);
  await vi.waitFor(async () => expect(await unfinished()).toEqual([]), { timeout: 90_000, interval: 200 });
  const rows = await database.query(
    `select sent.id, array_agg(r.state) as runs, count(s.id)::int as steps from unnest($1::uuid[]) as sent(id)
       left join work_orders o on o.message_id = sent.id left join runs r on r.work_order_id = o.id
       left join steps s on s.run_id = r.id
     group by sent.id having array_agg(r.state) <> array['success'] or count(s.id) <> 1`,
    [accepted],
  );
  expect(accepted.length).toBeGreaterThan(20);
  expect(rows).toEqual([]);
}, 120_000);
