// @ts-check
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { strangeArgument } from "./arguments.mjs";
import { measureInngest } from "./bench-inngest.mjs";
import { build } from "./build.mjs";
import { startDatabase } from "./database.mjs";
import { bundleEntries, workerEntry } from "./entries.mjs";
import { Failure } from "./failure.mjs";
import { install } from "./install.mjs";
import { inRoot, root } from "./paths.mjs";
import { checkPlatform } from "./preflight.mjs";
import { secrets } from "./secrets.mjs";
import { onStop, stopAll, stopOnSignals } from "./signals.mjs";
import { startThrowAway } from "./throw-away.mjs";

/** @type {import("./arguments.mjs").Options} */
const options = {
  only: { type: "string" },
  url: { type: "string" },
  "data-dir": { type: "string" },
  seconds: { type: "string" },
  waiting: { type: "string" },
  messages: { type: "string" },
  lines: { type: "string" },
  size: { type: "string" },
  inngest: { type: "string" },
  tick: { type: "string" },
};

/**
 * `npm run bench`: the measures of lib/bench/main.ts, which says what arguments mean. They are handed on, when they are known.
 * @param {string} _
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function run(_, args) {
  const strange = strangeArgument("bench", args, options);
  if (strange) throw new Failure(strange);
  stopOnSignals({ code: null });
  try {
    checkPlatform();
    await install();
    const dir = await bundleEntries(inRoot(".build", "bench"), {
      bench: "lib/bench/main.ts",
      worker: workerEntry,
    });
    if (isOnly(args, "inngest")) return await measureInngest(`${dir}/bench.mjs`, args);
    const isSize = args.some((arg) => arg.split("=")[0] === "--size");
    if (isSize || ["backlog", "kept", "days", "search", "states"].some((name) => isOnly(args, name)))
      return await measure(dir, null, args, await startEmptyDatabase());
    return await measure(dir, isOnly(args, "runner") ? null : await startServer(), args);
  } finally {
    await stopAll();
  }
}

/** @param {string[]} args @param {string} name */
const isOnly = (args, name) => args.includes(`--only=${name}`) || args[args.indexOf("--only") + 1] === name;

/** A PostgreSQL as the product starts one, with nothing in it. Returns its URL. */
async function startEmptyDatabase() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-bench-"));
  onStop(() => fs.rmSync(dir, { recursive: true, force: true }));
  const { url } = await startDatabase(dir);
  return url;
}

/** A Waybill of the bench's own, built when the sources are newer than the build. */
async function startServer() {
  await build();
  const server = await startThrowAway({ env: { EGRESS_ALLOW: "127.0.0.1,localhost" } });
  onStop(server.stop);
  return server;
}

/**
 * @param {string} dir
 * @param {import("./throw-away.mjs").ThrowAway | null} server
 * @param {string[]} args
 * @param {string} [databaseUrl] of the server's, where there is one
 * @returns {Promise<number>} its exit code
 */
function measure(dir, server, args, databaseUrl = server?.databaseUrl) {
  const told = server ? ["--url", server.url, "--data-dir", server.dataDir] : [];
  const where = {
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    ...(server
      ? { DATA_DIR: server.dataDir, SECRET_KEY: secrets(server.dataDir, {}).SECRET_KEY }
      : { SECRET_KEY: "bench-".repeat(8) }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${dir}/bench.mjs`, ...told, ...args], {
      cwd: root,
      env: { ...process.env, ...where },
      stdio: "inherit",
    });
    onStop(() => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
