// @ts-check
import { spawn } from "node:child_process";
import { forSpawn } from "./environment.mjs";
import { Failure } from "./failure.mjs";
import { end, identify } from "./processes.mjs";

/** @param {number} since */
const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/**
 * Shows that something takes time: a counting line in a terminal, a line now and then elsewhere. On standard error.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function progress(label, work) {
  const began = Date.now();
  const live = process.stderr.isTTY;
  const draw = () =>
    process.stderr.write(live ? `\r\x1b[2K${label} … ${seconds(began)}` : `${label} … ${seconds(began)}\n`);
  process.stderr.write(live ? `${label} …` : `${label} …\n`);
  const timer = setInterval(draw, live ? 1000 : 15_000);
  try {
    const result = await work();
    process.stderr.write(
      live ? `\r\x1b[2K${label}: ${seconds(began)}\n` : `${label}: done in ${seconds(began)}\n`,
    );
    return result;
  } catch (error) {
    if (live) process.stderr.write("\n");
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Ends commands started by `command` that are still at work. For the moment the launcher itself is told to stop. */
export async function endCommands() {
  const identities = [...running].map((child) => identify(child.pid));
  await Promise.all(identities.map((identity) => end(identity)));
}

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {import("./environment.mjs").Variables} [env]
 * @property {(output: string, reason: string) => string} [explain] the sentence for a failure, from the output
 * @property {(identity: import("./processes.mjs").Identity) => void} [onStart]
 * @property {boolean} [echo] shows the output as it comes
 */

/**
 * Runs a command to its end and keeps its output. Resolves to the output; throws a `Failure` with its last lines when
 * it fails.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<string>}
 */
export function command(file, args, { cwd, env, explain, onStart, echo = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: env && forSpawn(env), stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    onStart?.(identify(child.pid));
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        output = (output + chunk).slice(-200_000);
        if (echo) process.stderr.write(chunk);
      });
    /** @param {string} reason */
    const failed = (reason) =>
      new Failure(explain?.(output, reason) ?? `${[file, ...args].join(" ")} failed (${reason}).`, {
        detail: echo ? undefined : output.split("\n").slice(-40).join("\n"),
      });
    child.once("error", (error) => {
      running.delete(child);
      reject(failed(error.message));
    });
    child.once("close", (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(output);
      else reject(failed(signal ?? `exit code ${code}`));
    });
  });
}
