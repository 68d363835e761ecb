// @ts-check
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { listedAddresses } from "../settings/checks.mjs";
import { codeOf, Failure, wordsOf } from "./failure.mjs";

const bundled = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);
const glibc = () => {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } } | undefined} */ (
    process.report?.getReport?.()
  );
  return report?.header?.glibcVersionRuntime;
};

/**
 * Throws when this machine cannot run what the packages ship (PostgreSQL, Deno).
 * @param {{ platform?: string, arch?: string, hasGlibc?: boolean }} [machine]
 */
export function checkPlatform({
  platform = process.platform,
  arch = process.arch,
  hasGlibc = platform !== "linux" || Boolean(glibc()),
} = {}) {
  if (platform === "win32")
    throw new Failure(
      "Waybill runs on Linux and macOS; on Windows use it inside WSL 2 (`wsl --install`), then run the same command there.",
    );
  if (!bundled.has(`${platform}-${arch}`))
    throw new Failure(
      `Waybill runs on Linux and macOS, x64 or arm64, and this is ${platform}/${arch}: use one of those machines.`,
    );
  if (!hasGlibc)
    throw new Failure(
      "This Linux has no glibc (Alpine?), which the bundled PostgreSQL and Deno need: use Debian, Ubuntu, Fedora or an image built on them, e.g. node:24-slim.",
    );
}

const neededMb = { install: 2500, run: 300 };

/**
 * Throws when the disk under `dir` is too full to install (`install`) or to run (`run`).
 * @param {string} dir
 * @param {"install" | "run"} purpose
 * @param {number} [freeMb]
 */
export function checkSpace(dir, purpose, freeMb = freeMbUnder(dir)) {
  const needed = neededMb[purpose];
  if (freeMb < needed)
    throw new Failure(
      `There is not enough free space for ${dir}: ${Math.floor(freeMb)} MB, and ${needed} MB are needed. Free some space or move ${purpose === "install" ? "the clone" : "DATA_DIR"} to another disk.`,
    );
}

/** @param {string} dir */
function freeMbUnder(dir) {
  let existing = path.resolve(dir);
  while (!fs.existsSync(existing) && path.dirname(existing) !== existing) existing = path.dirname(existing);
  const { bavail, bsize } = fs.statfsSync(existing);
  return (bavail * bsize) / 1e6;
}

/**
 * Makes the data directory, for this user only. Throws when it cannot be written.
 * @param {string} dir
 */
export function checkDataDir(dir) {
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    const probe = path.join(dir, `.probe-${process.pid}`);
    fs.writeFileSync(probe, "");
    fs.rmSync(probe);
  } catch (error) {
    throw new Failure(
      `The data directory ${dir} cannot be written (${codeOf(error) ?? wordsOf(error)}): make it yours, or choose another one, e.g. DATA_DIR=$HOME/waybill-data npm start.`,
    );
  }
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<{ error: NodeJS.ErrnoException, port?: undefined } | { error?: undefined, port: number }>}
 */
const tryListen = (host, port) =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error) => resolve({ error }));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address ? address.port : port;
      server.close(() => resolve({ port: bound }));
    });
  });

/**
 * Whether the port can be listened on now; 0 finds one. Throws one sentence with the way out.
 * @param {string} host
 * @param {number} port
 * @returns {Promise<number>} the port, found when it was 0
 */
export async function checkPort(host, port) {
  const { error, port: bound } = await tryListen(host, port);
  if (!error) return bound;
  if (error.code === "EADDRINUSE") {
    const other = await nextFree(host, port);
    throw new Failure(
      `Port ${port} on ${host} is taken by another program: stop it, or choose another port, e.g. PORT=${other} npm start.`,
    );
  }
  if (error.code === "EACCES")
    throw new Failure(
      `Port ${port} needs more rights than this user has: choose one above 1023, e.g. PORT=3000 npm start.`,
    );
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    throw new Failure(
      `HOST is "${host}", which is no address of this machine: use 127.0.0.1 for this machine only, or 0.0.0.0 for everybody who can reach it.`,
    );
  throw new Failure(
    `Nothing can listen on ${host}:${port} (${error.message}): set HOST and PORT to an address that is free.`,
  );
}

/**
 * @param {string} host
 * @param {number} port
 */
async function nextFree(host, port) {
  for (let candidate = port + 1; candidate <= Math.min(port + 20, 65_535); candidate++)
    if (!(await tryListen(host, candidate)).error) return candidate;
  return (await tryListen(host, 0)).port ?? port + 1;
}

/**
 * Whoever starts a runner, alone or with everything else, starts one: others register, or are named to web and engine.
 * @param {import("./environment.mjs").Variables} [source]
 */
export function checkOneRunner(source = process.env) {
  if (listedAddresses(source.RUNNER_URL ?? "").length < 2) return;
  throw new Failure(
    "RUNNER_URL names several runners, and this starts one: name its address alone, or none, and let the others make themselves known with RUNNER_REGISTER_AT.",
  );
}
