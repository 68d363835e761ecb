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
    const buildDir = await build();
    const bundles = await bundleEntries(inRoot(".build", "chaos"), { chaos: "lib/testing/chaos/main.ts" });
    return await inside([bundles, buildDir, ...args]);
  } finally {
    await stopAll();
  }
}

/** Mounts of a process with a mount table of its own are nobody else's, and go when it goes. */
const ownMounts = ["unshare", "--mount", "--propagation", "private"];

/**
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
function inside(args) {
  const canMount =
    spawnSync("unshare", [...ownMounts.slice(1), "mount", "-t", "tmpfs", "none", os.tmpdir()]).status === 0;
  const [command = "", ...line] = [
    ...(canMount ? ownMounts : []),
    process.execPath,
    "--enable-source-maps",
    inRoot("lib/launcher/chaos-inside.mjs"),
    canMount ? "can-mount" : "no-mounts",
    ...args,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(command, line, { cwd: root, stdio: "inherit" });
    onStop(() => child.exitCode === null && child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
