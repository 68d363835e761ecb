import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Disk, mountDisk } from "./disk";
import { type HealthAnswer, healthOf } from "./health";
import type { Machine } from "./machine";
import { makeNamespaces } from "./namespaces";
import { endPart, type Ground, hasEnded, type Part, startPart, type Target, targetIn } from "./parts";
import { signal } from "./processes";
import { type Sink, startSink } from "./sink";

/** The whole product on several machines that share this one, with everything that can be broken. */
export type Stage = {
  /** Of inbox and pages. */
  url: string;
  /** Past every proxy. */
  databaseUrl: string;
  sink: Sink;
  targets: Target[];
  parts: Part[];
  disk: Disk | null;
  secretKey: string;
  health(): Promise<HealthAnswer | null>;
  /** Ends the parts; the database goes with this process. */
  stop(): Promise<void>;
  /** Leaves data and logs behind when this process ends. Returns where. */
  keep(): string;
};

const engines = 2;
const readyWithinMs = 180_000;
const loopback = "127.0.0.1";

/** Starts everything and waits until health says that it works. Throws with the health's own words when it does not. */
export async function startStage(machine: Machine): Promise<Stage> {
  const folder = makeFolder(machine);
  const namespaces = makeNamespaces(engines + 1);
  machine.onStop(() => {
    for (const one of namespaces ?? []) one.remove();
  });
  const runnerSpace = namespaces?.[engines] ?? null;
  const sink = await startSink(runnerSpace?.ourAddress ?? loopback);
  machine.onStop(() => sink.close());
  const database = await machine.startDatabase(path.join(folder.data, "database"));

  const port = await machine.freePort();
  const secretKey = randomBytes(32).toString("base64");
  const env = {
    LOG_LEVEL: "warn",
    HOST: loopback,
    PORT: String(port),
    SECRET_KEY: secretKey,
    RUNNER_TOKEN: randomBytes(24).toString("base64url"),
    EGRESS_ALLOW: sink.place,
  };
  const ground: Ground = { machine, data: folder.data, logs: folder.logs, env };
  const runnerPlace = { host: runnerSpace?.address ?? loopback, port: await machine.freePort() };
  const leads = {
    database: { host: loopback, port: Number(new URL(database.url).port) },
    runner: runnerPlace,
  };
  const addressOf = ({ host, port: at }: { host: string; port: number }) => `${host}:${at}`;
  const tell = (near: (to: string) => { host: string; port: number }) => ({
    DATABASE_URL: database.url.replace(/@[^/]+/, `@${addressOf(near("database"))}`),
    RUNNER_URL: `http://${addressOf(near("runner-1"))}`,
  });

  const parts: Part[] = [];
  const stop = async () => {
    await Promise.all(parts.map(endPart));
  };
  machine.onStop(stop);
  const runner = await startPart(
    ground,
    { name: "runner-1", role: "runner", namespace: runnerSpace },
    {},
    () => ({
      RUNNER_URL: `http://${addressOf(runnerPlace)}`,
    }),
  );
  parts.push(runner);
  const web = await startPart(ground, { name: "web", role: "web", namespace: null }, leads, tell);
  parts.push(web);
  const targets = [
    { name: "database", pid: () => database.process.identity?.pid ?? null },
    targetIn(runner, "runner-1", "runner.mjs"),
    targetIn(web, "web", "web.mjs"),
    targetIn(web, "inbox", "inbox.mjs"),
  ];
  for (let n = 1; n <= engines; n++) {
    const name = `engine-${n}`;
    const namespace = namespaces?.[n - 1] ?? null;
    const engine = await startPart(ground, { name, role: "engine", namespace }, leads, tell);
    parts.push(engine);
    targets.push(targetIn(engine, name, "engine.mjs"));
  }
  const url = `http://${loopback}:${port}`;
  const stage: Stage = {
    url,
    databaseUrl: database.url,
    sink,
    targets,
    parts,
    disk: folder.disk,
    secretKey,
    health: () => healthOf(url),
    stop,
    keep: folder.keep,
  };
  await ready(stage, folder.logs);
  return stage;
}

/** A folder for data, on a disk of its own where that may be mounted, and logs; gone with this process unless it is kept. */
function makeFolder(machine: Machine) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-chaos-"));
  const data = path.join(dir, "data");
  const logs = path.join(dir, "logs");
  for (const one of [data, logs]) fs.mkdirSync(one);
  const disk = machine.canMount ? mountDisk(data) : null;
  let isKept = false;
  machine.onStop(() => {
    disk?.remove();
    if (!isKept) fs.rmSync(dir, { recursive: true, force: true });
  });
  const keep = () => {
    isKept = true;
    const filter = (file: string) => !fs.lstatSync(file).isSocket();
    // A mounted disk goes with this process.
    if (disk) fs.cpSync(data, path.join(dir, "kept"), { recursive: true, filter });
    return dir;
  };
  return { data, logs, disk, keep };
}

async function ready(stage: Stage, logs: string): Promise<void> {
  const until = Date.now() + readyWithinMs;
  for (;;) {
    const health = await stage.health();
    if (health?.ok && stage.targets.every((target) => target.pid() !== null)) return;
    const gone = stage.parts.find(({ launcher }) => hasEnded(launcher));
    if (gone || Date.now() > until)
      throw new Error(
        `Waybill did not start: ${health?.text ?? "health does not answer"}. ${gone ? fs.readFileSync(path.join(logs, `${gone.name}.log`), "utf8") : ""}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Lets everything run again that a fault has stopped, and every network pass. */
export async function healEverything(stage: Stage): Promise<void> {
  for (const target of stage.targets) signal(target.pid(), "SIGCONT");
  for (const part of stage.parts) {
    part.namespace?.plugIn();
    for (const link of Object.values(part.links)) await link.heal();
  }
  stage.disk?.empty();
}
