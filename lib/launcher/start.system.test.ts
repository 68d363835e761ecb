import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "./build.mjs";
import { freePort } from "./postgres.mjs";
import { type Identity, isRunning, until } from "./processes.mjs";
import type { Run } from "./run-file.mjs";
import { servingNode } from "./runtime.mjs";
import { neutralEnvironment, startThrowAway } from "./throw-away.mjs";

const roles = ["database", "engine", "inbox", "runner", "web"];
const main = path.resolve("lib/launcher/main.mjs");
const launch = (args: string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [main, ...args], {
    env: neutralEnvironment(env),
    encoding: "utf8",
    timeout: 120_000,
  });

const everything = (run: Run): Identity[] => [run.launcher, ...Object.values(run.processes)];
const health = (url: string) =>
  fetch(`${url}/api/health`).then(
    (response) => response.status,
    () => undefined,
  );

beforeAll(async () => {
  await build();
}, 600_000);

describe("npm start", () => {
  let parent: string;
  let dataDir: string;
  let server: Awaited<ReturnType<typeof startThrowAway>>;
  beforeAll(async () => {
    parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-system-"));
    dataDir = path.join(parent, "data");
    server = await startThrowAway({ dataDir });
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    fs.rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  it("serves, says where, and keeps its notes to this user", async () => {
    expect(await health(server.url)).toBe(200);
    expect(server.log()).toContain(`Waybill   ${server.url}`);
    expect(server.log()).toContain("Stop      Ctrl-C");
    expect(Object.keys(server.run().processes).sort()).toEqual(roles);
    for (const name of ["run.json", "secrets.json", "mail-page", "postgres.password"])
      expect(fs.statSync(path.join(dataDir, name)).mode & 0o077, name).toBe(0);
  });

  it.runIf(process.platform === "linux")("tells the runner neither the database nor the master key", () => {
    const told = fs.readFileSync(`/proc/${server.run().processes.runner?.pid}/environ`, "utf8");
    expect(told).toContain("RUNNER_TOKEN=");
    expect(told).not.toMatch(/DATABASE_URL=|SECRET_KEY=/);
  });

  it.runIf(process.platform === "linux")("runs on one Node, the launcher like all that it starts", () => {
    const { launcher, processes } = server.run();
    const { database, ...own } = processes;
    const programs = [launcher, ...Object.values(own)].map(({ pid }) => fs.readlinkSync(`/proc/${pid}/exe`));
    expect(new Set(programs)).toEqual(new Set([fs.realpathSync(servingNode())]));
    expect(database).toBeDefined();
  });

  it("refuses a second launcher on the same data directory, naming the first", () => {
    const second = launch(["start"], { PORT: "0", DATA_DIR: dataDir });
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(
      `already runs on ${dataDir} (pid ${server.run().launcher.pid}, ${server.url})`,
    );
  });

  it("refuses a taken port with a free one in the sentence, and leaves nothing behind", () => {
    const other = path.join(parent, "other");
    const second = launch(["start"], { PORT: new URL(server.url).port, DATA_DIR: other });
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/is taken by another program: .*PORT=\d+ npm start/);
    expect(fs.readdirSync(other)).toEqual([]);
  });

  it("runs beside another copy with its own port and data directory", async () => {
    const other = await startThrowAway();
    try {
      expect(await health(other.url)).toBe(200);
      expect(await health(server.url)).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it.each(roles)("starts a killed %s again by itself", async (role) => {
    const before: Run = server.run();
    const killed = before.processes[role];
    process.kill(killed?.pid ?? 0, "SIGKILL");
    const isBack = async () => {
      const now = server.run().processes[role];
      return now && now.pid !== killed?.pid && (await health(server.url)) === 200;
    };
    expect(await until(isBack, 90_000, 100)).toBe(true);
    expect(server.log()).toMatch(new RegExp(`The ${role}.* ended \\(signal SIGKILL\\); starting it again`));
  });

  it("after kill -9 of the launcher nothing goes on running, and the next start has all the data", async () => {
    const before: Run = server.run();
    const client = new pg.Client({ connectionString: before.databaseUrl });
    client.on("error", () => {});
    await client.connect();
    await client.query("create table system_test_kept (n int)");
    await client.query("insert into system_test_kept values (7)");
    await client.end();
    server.kill();
    expect(await until(() => !isRunning(before.launcher), 30_000)).toBe(true);
    server = await startThrowAway({ dataDir });
    expect(everything(before).filter((one) => isRunning(one))).toEqual([]);
    expect(await health(server.url)).toBe(200);
    const again = new pg.Client({ connectionString: server.run().databaseUrl });
    await again.connect();
    expect((await again.query("select n from system_test_kept")).rows).toEqual([{ n: 7 }]);
    await again.query("drop table system_test_kept");
    await again.end();
  });

  it("stops everything in order within seconds and can be started again", async () => {
    const before: Run = server.run();
    const began = Date.now();
    await server.stop();
    const stopMs = Date.now() - began;
    expect(everything(before).filter((one) => isRunning(one))).toEqual([]);
    expect(fs.existsSync(path.join(dataDir, "run.json"))).toBe(false);
    const again = Date.now();
    server = await startThrowAway({ dataDir });
    const startMs = Date.now() - again;
    expect(await health(server.url)).toBe(200);
    // A machine on which a start takes longer may take as much longer to stop.
    expect(stopMs).toBeLessThan(Math.max(10_000, 3 * startMs));
  });

  it("lets an engine go that is too old for the database, says so, and refuses to start on it again", async () => {
    const client = new pg.Client({ connectionString: server.run().databaseUrl });
    client.on("error", () => {});
    await client.connect();
    await client.query(
      "insert into durable.migration (number, name, sha256, is_breaking, applied_at) values (900, '0900_test', '', true, now())",
    );
    await client.end();
    const sentence = "This release's engine is too old for the database and stays stopped";
    expect(await until(() => server.log().includes(sentence), 90_000, 100)).toBe(true);
    expect(server.log()).toContain("0900_test is breaking. Deploy the same release everywhere.");
    expect(server.run().processes.engine).toBeUndefined();
    const health = async () => (await fetch(`${server.url}/api/health`)).json();
    await until(async () => !(await health()).ok, 60_000, 100);
    expect(await health()).toMatchObject({
      ok: false,
      engine: { ok: false, engines: 0, problem: expect.stringContaining("0900_test is breaking") },
    });
    await server.stop();
    await expect(startThrowAway({ dataDir })).rejects.toMatchObject({
      detail: expect.stringContaining(sentence),
    });
  });
});

it("refuses a data directory that cannot be written, in one sentence", async () => {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-system-"));
  fs.writeFileSync(path.join(parent, "file"), "");
  const refused = launch(["start"], {
    PORT: String(await freePort()),
    DATA_DIR: path.join(parent, "file", "data"),
  });
  expect(refused.status).toBe(1);
  expect(refused.stderr.trim().split("\n")).toHaveLength(1);
  fs.rmSync(parent, { recursive: true });
});
