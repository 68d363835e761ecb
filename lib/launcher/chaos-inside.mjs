// @ts-check
// The process that chaos.mjs starts: it starts Waybill's parts and hands itself to the bundle of lib/testing/chaos.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { startDatabase } from "./database.mjs";
import { forSpawn } from "./environment.mjs";
import { report } from "./failure.mjs";
import { inRoot, root } from "./paths.mjs";
import { freePort } from "./postgres.mjs";
import { onStop, stopAll, stopOnSignals } from "./signals.mjs";
import { neutralEnvironment } from "./throw-away.mjs";

const [allowed = "", bundles = "", ...args] = process.argv.slice(2);

const endsWithUs = spawnSync("setpriv", ["--pdeathsig", "TERM", "true"]).status === 0;

/** @type {import("../testing/chaos/machine").Machine} */
const machine = {
  canMount: allowed.includes("mounts"),
  hasOwnNetwork: allowed.includes("network") && allowed.includes("mounts"),
  neutralEnvironment,
  startDatabase: (dir) => startDatabase(dir),
  startRole(role, { env, namespace, logFile }) {
    const out = fs.openSync(logFile, "a", 0o600);
    const [command = "", ...line] = [
      ...(endsWithUs ? ["setpriv", "--pdeathsig", "TERM"] : []),
      ...(namespace ? ["ip", "netns", "exec", namespace] : []),
      process.execPath,
      inRoot("lib/launcher/main.mjs"),
      role,
    ];
    const child = spawn(command, line, {
      cwd: root,
      env: forSpawn(env),
      stdio: ["ignore", out, out],
      detached: true,
    });
    fs.closeSync(out);
    return child;
  },
  freePort,
  onStop: (cleanup) => void onStop(cleanup),
};

stopOnSignals({ code: null });
try {
  const { run } = await import(pathToFileURL(path.join(bundles, "chaos.mjs")).href);
  process.exitCode = await run(machine, args);
} catch (error) {
  process.exitCode = report(error);
} finally {
  await stopAll();
}
process.exit();
