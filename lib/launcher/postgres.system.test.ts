import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { whatIsAway } from "./away.mjs";
import { startPostgres } from "./postgres.mjs";
import { identify, isRunning, until } from "./processes.mjs";

let parent: string;
let dir: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-system-"));
  dir = path.join(parent, "postgres");
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  fs.rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const start = async () => {
  const server = await startPostgres({ dir });
  stops.push(server.stop);
  return server;
};

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

it("a second start on the same files stops the first server and keeps what was committed", async () => {
  const first = await start();
  await query(first.url, "create table kept (n int); insert into kept values (7)");
  const server = identify(first.pid);
  const second = await start();
  expect(isRunning(server)).toBe(false);
  expect(await query(second.url, "select n from kept")).toEqual([{ n: 7 }]);
});

const sockets = () => fs.readdirSync(dir).filter((name) => name.startsWith(".s."));

it("starts after the server was killed in the middle of its work, and its socket is no more", async () => {
  const first = await start();
  const own = first.socketUrl ?? "";
  await query(own, "create table kept (n int); insert into kept values (7)");
  expect(await query(own, "select inet_server_addr() as at")).toEqual([{ at: null }]);
  expect(fs.statSync(dir).mode & 0o077).toBe(0);
  const away = () => whatIsAway({ dataDir: parent, databaseUrl: own });
  expect(await away()).toBeNull();
  process.kill(first.pid, "SIGKILL");
  await until(away, 10_000);
  expect(await away()).toBe("the database is away");
  const second = await start();
  for (const url of [second.url, second.socketUrl ?? ""])
    expect(await query(url, "select n from kept")).toEqual([{ n: 7 }]);
  expect(sockets().sort()).toEqual([`.s.PGSQL.${second.port}`, `.s.PGSQL.${second.port}.lock`]);
});

it("is asked over the network where its files' path is too long for a socket", async () => {
  dir = path.join(parent, "x".repeat(100), "postgres");
  const server = await start();
  expect(server.socketUrl).toBeNull();
  expect(await query(server.url, "select 1 as n")).toEqual([{ n: 1 }]);
  expect(sockets()).toEqual([]);
});

it("starts when a pid file names a process that is no PostgreSQL of this directory", async () => {
  const first = await start();
  await first.stop();
  fs.writeFileSync(path.join(dir, "postmaster.pid"), `${process.pid}\n${dir}\n1\n1\n\n127.0.0.1\n\nready\n`);
  const second = await start();
  expect(await query(second.url, "select 1 as n")).toEqual([{ n: 1 }]);
});

it("makes the files anew when an earlier making of them was cut short", async () => {
  fs.mkdirSync(`${dir}.new`, { recursive: true });
  fs.writeFileSync(path.join(`${dir}.new`, "PG_VERSION"), "18\n");
  fs.mkdirSync(dir);
  const server = await start();
  expect(await query(server.url, "show fsync")).toEqual([{ fsync: "on" }]);
});

it.runIf(process.getuid?.() === 0)("runs as nobody where root may not make user namespaces", async () => {
  const bin = path.join(parent, "bin");
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, "unshare"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${bin}${path.delimiter}${before}`;
  try {
    const server = await start();
    expect(fs.statSync(dir).uid).toBe(65_534);
    for (const url of [server.url, server.socketUrl ?? ""])
      expect(await query(url, "select 1 as n")).toEqual([{ n: 1 }]);
  } finally {
    process.env.PATH = before;
  }
});

it.runIf(process.platform === "linux")(
  "ends by itself when the process that started it is killed",
  async () => {
    const script = `
    import { startPostgres } from ${JSON.stringify(path.resolve("lib/launcher/postgres.mjs"))};
    const server = await startPostgres({ dir: ${JSON.stringify(dir)} });
    process.send(server.pid);
    setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const [pid] = await once(owner, "message");
    const server = identify(Number(pid));
    expect(isRunning(server)).toBe(true);
    owner.kill("SIGKILL");
    expect(await until(() => !isRunning(server), 10_000)).toBe(true);
  },
);
