// @ts-check
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { personalNames } from "../settings/settings.mjs";
import { forSpawn } from "./environment.mjs";
import { Failure } from "./failure.mjs";
import { inRoot, root } from "./paths.mjs";
import { freePort } from "./postgres.mjs";
import { end, identify, until } from "./processes.mjs";
import { readRun } from "./run-file.mjs";

/**
 * A whole Waybill of its own.
 * @typedef {object} ThrowAway
 * @property {string} url
 * @property {string} dataDir
 * @property {string} databaseUrl
 * @property {() => import("./run-file.mjs").Run} run its notes; throws when there are none
 * @property {() => Promise<void>} stop
 * @property {() => void} kill
 * @property {() => string} log what it said
 */

/**
 * This process's environment without what would make a test touch somebody's real database, mail or sign-in. Empty
 * means unset, also to `.env`.
 * @param {import("./environment.mjs").Variables} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function neutralEnvironment(extra = {}) {
  /** @type {import("./environment.mjs").Variables} */
  const env = { ...process.env, ...Object.fromEntries(personalNames.map((name) => [name, ""])) };
  for (const name of ["NODE_ENV", "PORT", "HOST", "DATA_DIR"]) delete env[name];
  Object.assign(env, { NEXT_TELEMETRY_DISABLED: "1" }, extra);
  return forSpawn(env);
}

/**
 * Starts a whole Waybill of its own on a free port and an empty data directory, as `npm start` would.
 * @param {{ env?: Record<string, string>, dataDir?: string, echo?: boolean, timeoutMs?: number }} [options]
 * @returns {Promise<ThrowAway>}
 */
export async function startThrowAway({ env = {}, dataDir, echo = false, timeoutMs = 300_000 } = {}) {
  const dir = dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), "waybill-own-"));
  const port = await freePort();
  const child = spawn("sh", [inRoot("lib/launcher/serve.sh"), "start"], {
    cwd: root,
    env: neutralEnvironment({
      LOG_LEVEL: "warn",
      // Nobody waits for what a test leaves running.
      WEB_DRAIN_MS: "2000",
      ENGINE_DRAIN_MS: "2000",
      RUNNER_DRAIN_MS: "2000",
      ...env,
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: dir,
    }),
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C in the terminal reaches the tests, which stop this one afterwards.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output = (output + chunk).slice(-100_000);
      if (echo) process.stderr.write(chunk);
    });
  const launcher = identify(child.pid);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    await end(launcher, [
      ["SIGTERM", 40_000],
      ["SIGKILL", 2000],
    ]);
    if (!dataDir) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  const isReady = () => {
    const notes = readRun(dir);
    return notes !== null && notes.launcher.pid === child.pid && Boolean(notes.readyAt);
  };
  const run = () => {
    const notes = readRun(dir);
    if (!notes) throw new Failure(`No Waybill runs on ${dir}.`);
    return notes;
  };
  await until(() => ended() || isReady(), timeoutMs, 50);
  if (ended() || !isReady()) {
    await stop();
    throw new Failure("Waybill did not start; see its words above.", { detail: output });
  }
  return {
    url: `http://127.0.0.1:${port}`,
    dataDir: dir,
    databaseUrl: run().databaseUrl ?? "",
    run,
    stop,
    kill: () => child.kill("SIGKILL"),
    log: () => output,
  };
}
