import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { Failure } from "./failure.mjs";

const bundled = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);
const glibc = () => process.report?.getReport?.().header.glibcVersionRuntime;

/** Throws when this machine cannot run what the packages ship (PostgreSQL, Deno). */
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

/** Throws when the disk under `dir` is too full to install (`install`) or to run (`run`). */
export function checkSpace(dir, purpose, freeMb = freeMbUnder(dir)) {
  const needed = neededMb[purpose];
  if (freeMb < needed)
    throw new Failure(
      `There is not enough free space for ${dir}: ${Math.floor(freeMb)} MB, and ${needed} MB are needed. Free some space or move ${purpose === "install" ? "the clone" : "DATA_DIR"} to another disk.`,
    );
}

function freeMbUnder(dir) {
  let existing = path.resolve(dir);
  while (!fs.existsSync(existing) && path.dirname(existing) !== existing) existing = path.dirname(existing);
  const { bavail, bsize } = fs.statfsSync(existing);
  return (bavail * bsize) / 1e6;
}

/** Makes the data directory, for this user only. Throws when it cannot be written. */
export function checkDataDir(dir) {
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    const probe = path.join(dir, `.probe-${process.pid}`);
    fs.writeFileSync(probe, "");
    fs.rmSync(probe);
  } catch (error) {
    throw new Failure(
      `The data directory ${dir} cannot be written (${error.code ?? error.message}): make it yours, or choose another one, e.g. DATA_DIR=$HOME/waybill-data npm start.`,
    );
  }
}

const tryListen = (host, port) =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error) => resolve({ error }));
    server.listen({ host, port, exclusive: true }, () => {
      const bound = server.address().port;
      server.close(() => resolve({ port: bound }));
    });
  });

/** Whether the port can be listened on now; 0 finds one. Throws one sentence with the way out. */
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

async function nextFree(host, port) {
  for (let candidate = port + 1; candidate <= Math.min(port + 20, 65_535); candidate++)
    if (!(await tryListen(host, candidate)).error) return candidate;
  return (await tryListen(host, 0)).port ?? port + 1;
}
