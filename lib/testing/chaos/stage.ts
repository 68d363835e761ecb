import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Stretch, startProxy } from "@/lib/testing/proxy";
import { type Disk, mountDisk } from "./disk";
import { type HealthAnswer, healthOf } from "./health";
import type { Machine } from "./machine";
import { hub, makeNamespaces, type Namespace } from "./namespaces";
import {
  endPart,
  type Ground,
  hasEnded,
  type Part,
  type Role,
  startPart,
  type Target,
  targetIn,
} from "./parts";
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

const engines = ["engine-1", "engine-2"];
const runners = ["runner-1", "runner-2"];
const readyWithinMs = 180_000;
const loopback = "127.0.0.1";

/** Starts everything and waits until health says that it works. Throws with the health's own words when it does not. */
export async function startStage(machine: Machine): Promise<Stage> {
  const folder = makeFolder(machine);
  const network = openNetwork(machine);
  const sink = await startSink(network.host);
  machine.onStop(() => sink.close());
  const database = await machine.startDatabase(path.join(folder.data, "database"));
  const databasePlace = { host: loopback, port: Number(new URL(database.url).port) };

  const port = await machine.freePort();
  const secretKey = randomBytes(32).toString("base64");
  const env = {
    LOG_LEVEL: "warn",
    HOST: loopback,
    PORT: String(port),
    SECRET_KEY: secretKey,
    RUNNER_TOKEN: randomBytes(24).toString("base64url"),
    // Nobody else is in this network.
    RUNNER_ALLOW_PLAIN: "1",
    EGRESS_ALLOW: sink.place,
  };
  const ground: Ground = { machine, data: folder.data, logs: folder.logs, env };
  const parts: Part[] = [];
  const stop = async () => {
    await Promise.all(parts.map(endPart));
  };
  machine.onStop(stop);
  const add = (part: Omit<Part, "launcher"> & { role: Role }, told: Record<string, string>) => {
    const started = startPart(ground, part, told);
    parts.push(started);
    return started;
  };

  const targets: Target[] = [{ name: "database", pid: () => database.process.identity?.pid ?? null }];
  const runnerUrls: string[] = [];
  for (const name of runners) {
    const namespace = network.next();
    const place = { host: namespace?.address ?? loopback, port: await machine.freePort() };
    const link = await network.lead(place);
    runnerUrls.push(`http://${link.at}`);
    const told = { RUNNER_URL: `http://${place.host}:${place.port}`, RUNNER_NAME: name };
    targets.push(targetIn(add({ name, role: "runner", namespace, link }, told), name, "runner"));
  }
  /** What a part is told that has its own stretch of network to the database. */
  const toldOf = (at: string) => ({
    DATABASE_URL: database.url.replace(/@[^/]+/, `@${at}`),
    RUNNER_URL: runnerUrls.join(","),
  });
  const webLink = await network.lead(databasePlace);
  const web = add({ name: "web", role: "web", namespace: null, link: webLink }, toldOf(webLink.at));
  targets.push(targetIn(web, "web", "web"), targetIn(web, "inbox", "inbox"));
  for (const name of engines) {
    const link = await network.lead(databasePlace);
    const engine = add({ name, role: "engine", namespace: network.next(), link }, toldOf(link.at));
    targets.push(targetIn(engine, name, "engine"));
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

/** Networks of the parts' own where the machine allows them, and stretches between them. */
function openNetwork(machine: Machine) {
  const namespaces = machine.hasOwnNetwork ? makeNamespaces(engines.length + runners.length) : null;
  const free = [...(namespaces ?? [])];
  machine.onStop(() => {
    for (const one of namespaces ?? []) one.remove();
  });
  const host = namespaces ? hub : loopback;
  return {
    /** Where everybody reaches what listens in our own network. */
    host,
    next: (): Namespace | null => free.shift() ?? null,
    async lead(place: { host: string; port: number }): Promise<Stretch & { at: string }> {
      const port = await machine.freePort();
      const link = await startProxy(place, { host, port });
      machine.onStop(() => link.close());
      return Object.assign(link, { at: `${host}:${port}` });
    },
  };
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
  for (const { namespace, link } of stage.parts) {
    namespace?.plugIn();
    await link.heal();
  }
  stage.disk?.empty();
}
