// @ts-check
import { spawn, spawnSync } from "node:child_process";
import os from "node:os";
import { strangeArgument } from "./arguments.mjs";
import { build } from "./build.mjs";
import { bundleEntries } from "./entries.mjs";
import { Failure } from "./failure.mjs";
import { install } from "./install.mjs";
import { inRoot, root } from "./paths.mjs";
import { checkPlatform } from "./preflight.mjs";
import { onStop, stopAll, stopOnSignals } from "./signals.mjs";

/** @type {import("./arguments.mjs").Options} */
const options = {
  minutes: { type: "string" },
  seed: { type: "string" },
  faults: { type: "string" },
  patience: { type: "string" },
};

/**
 * `npm run chaos`: a whole Waybill of its own under load and faults, then the account; see lib/testing/chaos/main.ts. Ends
 * with 1 when the account does not add up.
 * @param {string} _
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function run(_, args) {
  const strange = strangeArgument("chaos", args, options);
  if (strange) throw new Failure(strange);
  if (process.platform !== "linux") throw new Failure("chaos needs Linux: it looks processes up in /proc.");
  stopOnSignals({ code: null });
  try {
    checkPlatform();
    await install();
    await build();
    const bundles = await bundleEntries(inRoot(".build", "chaos"), { chaos: "lib/testing/chaos/main.ts" });
    return await inside([bundles, ...args]);
  } finally {
    await stopAll();
  }
}

/**
 * What this machine lets a process have of its own: mounts and a network that are nobody else's, and go when it goes.
 * @type {Record<string, { flags: string[], probe: string }>}
 */
const spaces = {
  mounts: { flags: ["--mount", "--propagation", "private"], probe: `mount -t tmpfs none ${os.tmpdir()}` },
  network: { flags: ["--net"], probe: "ip link set lo up" },
};

/**
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
function inside(args) {
  const allowed = Object.entries(spaces).filter(
    ([, { flags, probe }]) => spawnSync("unshare", [...flags, "sh", "-c", probe]).status === 0,
  );
  const flags = allowed.flatMap(([, space]) => space.flags);
  const [command = "", ...line] = [
    ...(flags.length > 0 ? ["unshare", ...flags] : []),
    process.execPath,
    "--enable-source-maps",
    inRoot("lib/launcher/chaos-inside.mjs"),
    allowed.map(([name]) => name).join("+"),
    ...args,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(command, line, { cwd: root, stdio: "inherit" });
    onStop(() => child.exitCode === null && child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
