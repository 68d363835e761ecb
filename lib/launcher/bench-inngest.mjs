// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { startDatabase } from "./database.mjs";
import { Failure } from "./failure.mjs";
import { root } from "./paths.mjs";
import { freePort } from "./postgres.mjs";
import { until } from "./processes.mjs";
import { secrets } from "./secrets.mjs";
import { onStop } from "./signals.mjs";
import { startThrowAway } from "./throw-away.mjs";

const rounds = 3;
const messages = 25;
const measureMs = 300_000;
const keys = { event: "be".repeat(16), signing: "c0".repeat(32) };

/** @typedef {import("../bench/runs").Took} Took */

/**
 * From a message to the end of its run on an idle machine, under the embedded engine and under `inngest start` with Redis
 * and PostgreSQL, in turns; and how long that Inngest takes to call a function that does nothing. `--inngest` is the
 * program (npm: inngest-cli), `--tick` its `--tick`. Redis comes from the system's packages.
 * @param {string} measures the bundle of lib/bench/main.ts
 * @param {string[]} args
 * @returns {Promise<number>} an exit code
 */
export async function measureInngest(measures, args) {
  const { values } = parseArgs({
    args,
    strict: false,
    options: { inngest: { type: "string" }, tick: { type: "string" } },
  });
  await build();
  const origin = await startInngest(String(values.inngest ?? "inngest"), String(values.tick ?? "10"));
  const served = {
    INNGEST_DEV: "0",
    INNGEST_BASE_URL: origin,
    INNGEST_EVENT_KEY: keys.event,
    INNGEST_SIGNING_KEY: keys.signing,
  };
  const products = /** @type {const} */ ([
    ["embedded", await startProduct({})],
    ["Inngest", await startProduct(served)],
  ]);
  /** @type {Map<string, Took[]>} */
  const took = new Map();
  for (let round = 0; round < rounds; round++)
    for (const [name, server] of products) {
      const told = ["--idle", String(messages), "--url", server.url];
      took.set(name, [...(took.get(name) ?? []), ...(await ask(measures, told, server))]);
    }
  /** @type {import("../bench/inngest").Calls} */
  const calls = await ask(measures, ["--calls", origin.replace("//", `//${keys.event}:${keys.signing}@`)]);

  console.log("\nidle, ms from sending (p50 / p95)      stored         begun          done");
  for (const [name, all] of took) {
    const column = (/** @type {keyof Took} */ part) => both(all.map((one) => one[part])).padStart(14);
    console.log(`${name.padEnd(31)} ${column("storedMs")} ${column("begunMs")} ${column("doneMs")}`);
  }
  const [own, other] = [...took.values()].map((all) =>
    quantile(
      all.map(({ doneMs }) => doneMs),
      0.5,
    ),
  );
  console.log(`under Inngest: ${((other ?? 0) / (own ?? 1)).toFixed(1)} times the embedded engine's`);
  console.log(
    `Inngest calls a function that does nothing after (p50 / p95, ms): ${both(calls.event)} of an event, ${both(calls.invocation)} of an invocation`,
  );
  return 0;
}

/** @param {number[]} values @param {number} share */
const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;
/** @param {number[]} values */
const both = (values) => `${quantile(values, 0.5).toFixed(0)} / ${quantile(values, 0.95).toFixed(0)}`;

/** @param {Record<string, string>} env */
async function startProduct(env) {
  const server = await startThrowAway({ env: { EGRESS_ALLOW: "127.0.0.1,localhost", ...env } });
  onStop(server.stop);
  return server;
}

/**
 * What a process with the measures says.
 * @param {string} measures @param {string[]} told
 * @param {import("./throw-away.mjs").ThrowAway} [server]
 * @returns {Promise<any>}
 */
async function ask(measures, told, server) {
  const where = server
    ? {
        DATABASE_URL: server.databaseUrl,
        DATA_DIR: server.dataDir,
        SECRET_KEY: secrets(server.dataDir, {}).SECRET_KEY,
      }
    : { SECRET_KEY: "bench-".repeat(8) };
  const child = spawn(process.execPath, [measures, ...told], {
    cwd: root,
    env: { ...process.env, ...where },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onStop(() => child.kill("SIGTERM"));
  /** @type {unknown} */
  let said;
  child.on("message", (message) => {
    said = message;
  });
  await once(child, "exit", { signal: AbortSignal.timeout(measureMs) });
  if (said === undefined) throw new Failure("The measure ended without a result; see its words above.");
  return said;
}

/**
 * An Inngest server of its own, with a Redis that keeps what it has on disk, and a PostgreSQL. Returns where it is.
 * @param {string} program @param {string} tick
 */
async function startInngest(program, tick) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-bench-inngest-"));
  onStop(() => fs.rmSync(dir, { recursive: true, force: true }));
  const { url: postgres } = await startDatabase(path.join(dir, "postgres"));
  const [redis, port, ...gateway] = await Promise.all(Array.from({ length: 5 }, freePort));
  await start("redis-server", "from the system's packages: redis-server", [
    ...["--port", String(redis), "--dir", dir, "--appendonly", "yes", "--save", ""],
  ]);
  await start(program, "with npm's inngest-cli, or say where it is: --inngest /path/to/inngest", [
    "start",
    ...["--port", String(port), "--host", "127.0.0.1", "--no-ui", "--tick", tick],
    ...["--redis-uri", `redis://127.0.0.1:${redis}`, "--postgres-uri", `${postgres}?sslmode=disable`],
    ...["--event-key", keys.event, "--signing-key", keys.signing],
    ...["connect-gateway-port", "connect-gateway-grpc-port", "connect-executor-grpc-port"].flatMap(
      (name, i) => [`--${name}`, String(gateway[i])],
    ),
  ]);
  const origin = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${origin}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  if (!(await until(isUp, 60_000, 200))) throw new Failure("Inngest did not start.");
  return origin;
}

/** @param {string} program @param {string} from @param {string[]} args */
async function start(program, from, args) {
  const child = spawn(program, args, { stdio: "ignore", env: { ...process.env, DO_NOT_TRACK: "1" } });
  onStop(() => child.kill("SIGTERM"));
  await once(child, "spawn", { signal: AbortSignal.timeout(10_000) }).catch(() => {
    throw new Failure(`${program} does not start. It comes ${from}.`);
  });
}
