import { spawn } from "node:child_process";
import { build } from "./build.mjs";
import { bundleEntries } from "./entries.mjs";
import { install } from "./install.mjs";
import { inRoot, root } from "./paths.mjs";
import { checkPlatform } from "./preflight.mjs";
import { onStop, stopAll, stopOnSignals } from "./signals.mjs";
import { startThrowAway } from "./throw-away.mjs";

/** `npm run bench`: the measures of lib/bench/main.ts, against a Waybill of their own. Arguments are handed on. */
export async function run(_, args) {
  stopOnSignals({ code: null });
  try {
    checkPlatform();
    await install();
    await build();
    const dir = await bundleEntries(inRoot(".build", "bench"), { bench: "lib/bench/main.ts" });
    const server = await startThrowAway({ env: { EGRESS_ALLOW: "127.0.0.1,localhost" } });
    onStop(server.stop);
    const told = ["--url", server.url, "--data-dir", server.dataDir, ...args];
    const env = { ...process.env, DATABASE_URL: server.databaseUrl, DATA_DIR: server.dataDir };
    return await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [`${dir}/bench.mjs`, ...told], {
        cwd: root,
        env,
        stdio: "inherit",
      });
      onStop(() => child.kill("SIGTERM"));
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 1));
    });
  } finally {
    await stopAll();
  }
}
