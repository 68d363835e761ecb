// @ts-check
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { drainsOf } from "../settings/drain.mjs";
import { readValues } from "../settings/read.mjs";
import { whatIsAway } from "./away.mjs";
import { nextEnvironment } from "./build.mjs";
import { startDatabase } from "./database.mjs";
import { environmentFor } from "./environment.mjs";
import { exitCodes } from "./exit-codes.mjs";
import { Failure } from "./failure.mjs";
import { usualLimits } from "./liveness.mjs";
import { mailPageKey } from "./mail-page.mjs";
import { deniedPlaces } from "./own-places.mjs";
import { prepareSocketDir, root, socketPath } from "./paths.mjs";
import { command } from "./progress.mjs";
import { secrets } from "./secrets.mjs";
import { isStopping, onStop } from "./signals.mjs";
import { startNode, supervise } from "./supervise.mjs";

/** @typedef {import("./environment.mjs").Role} Role */
/** @typedef {import("./environment.mjs").Variables} Variables */
/** @typedef {import("./supervise.mjs").Supervised} Supervised */
/** @typedef {{ database: Supervised | undefined } & Record<Role, Supervised>} Roles what runs, by its name */

// Not imported: lib/net/builtins.ts says why.
const http = process.getBuiltinModule("node:http");

/** What a process may take beyond the time that it is given to end what it does: to leave in order. */
const farewellMs = 5_000;
/** While sources change, nobody waits for long. */
const developmentDrainMs = "2000";
const drains = ["WEB_DRAIN_MS", "ENGINE_DRAIN_MS", "RUNNER_DRAIN_MS"];

/**
 * How a role is ended: it has its drain time, and a little more.
 * @param {Role} role
 * @param {Variables} env
 * @returns {import("./processes.mjs").GraceSteps}
 */
const graceSteps = (role, env) => [
  ["SIGTERM", drainsOf(readValues(env))[role] + farewellMs],
  ["SIGKILL", 2000],
];
const titles = { inbox: "inbox", web: "web server", engine: "engine", runner: "runner" };
/**
 * Exit codes after which a role is not started again.
 * @type {Partial<Record<Role, Record<number, string>>>}
 */
const final = {
  engine: {
    [exitCodes.outdated]:
      "This release's engine is too old for the database and stays stopped: deploy the same release everywhere.",
  },
};
/**
 * Everything the processes share, from the settings and the data directory: the whole, before it is parted.
 * @param {{ settings: import("./environment.mjs").Settings, source?: Variables, mode?: string }} own
 * @returns {Variables}
 */
export function productEnvironment({ settings, source = process.env, mode = "production" }) {
  const short = drains.map((name) => [name, source[name] || developmentDrainMs]);
  return {
    ...source,
    ...(mode === "development" ? Object.fromEntries(short) : {}),
    ...secrets(settings.dataDir, source),
    NODE_ENV: mode,
    PORT: String(settings.port),
    HOST: settings.host,
    DATA_DIR: settings.dataDir,
    MAIL_PAGE: mailPageKey(settings.dataDir, source),
    WEB_SOCKET: socketPath(settings.dataDir, "web"),
    ENGINE_SOCKET: socketPath(settings.dataDir, "engine"),
    RUNNER_URL: source.RUNNER_URL || `unix:${socketPath(settings.dataDir, "runner")}`,
  };
}

/** @param {string} output */
const lastLine = (output) => output.trim().split("\n").at(-1) ?? "";

/**
 * Brings the schema up to date and proves the keys to the database. Throws a sentence, with the last line that
 * migrate.mjs printed, when it cannot.
 * @param {string} buildDir
 * @param {Variables} env
 * @param {{ isEmbedded?: boolean, args?: string[] }} [options]
 */
export async function migrate(buildDir, env, { isEmbedded = false, args = [] } = {}) {
  const way = isEmbedded
    ? "PostgreSQL's own words are in postgres.log of the data directory."
    : "Check DATABASE_URL.";
  /** @type {import("./progress.mjs").CommandOptions} */
  const options = {
    cwd: root,
    env: environmentFor("web", env),
    explain: (output, reason) =>
      reason === `exit code ${exitCodes.wrongKeys}`
        ? lastLine(output)
        : `The database could not be prepared: ${lastLine(output).replace(/\.$/, "")}. ${way}`,
  };
  await command(process.execPath, [path.join(buildDir, "migrate.mjs"), ...args], options).catch((error) => {
    throw new Failure(error.message);
  });
}

/** Where packets are swallowed, nobody says no. */
const connectMs = 3000;

/**
 * @param {net.NetConnectOpts} options
 * @returns {Promise<boolean>}
 */
const accepts = (options) =>
  new Promise((resolve) => {
    const socket = net.connect(options, () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
    socket.setTimeout(connectMs, () => {
      socket.destroy();
      resolve(false);
    });
  });

/**
 * Whether whatever listens at `url` accepts connections: `unix:/path`, `http://host:port` or `https://host:port`.
 * @param {string} url
 */
export const listens = (url) => {
  if (url.startsWith("unix:")) return accepts({ path: url.slice("unix:".length) });
  const { protocol, hostname, port } = new URL(url);
  return accepts({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  });
};

/**
 * The address to call a server at that listens on `host`.
 * @param {string} host
 */
export const reachable = (host) =>
  host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;

/**
 * The status that `path` is answered with, undefined when nobody answers.
 * @param {{ host: string, port: string } | { socketPath: string }} where
 * @param {string} path
 * @returns {Promise<number | undefined>}
 */
const answers = (where, path) =>
  new Promise((resolve) => {
    const request = http.get({ ...where, path, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(undefined));
  });

/**
 * How large the nursery of short-lived objects may grow, in MB. Node 24 has three times this from the start; four times as
 * much for the door and twice for the others is 120 MB, and saves them a twentieth of their time under load.
 * @type {Record<Role, string[]>}
 */
const nodeFlags = {
  inbox: ["--max-semi-space-size=4"],
  web: ["--max-semi-space-size=2"],
  engine: ["--max-semi-space-size=4"],
  runner: ["--max-semi-space-size=2"],
};

/** @type {Record<Role, (env: Variables) => () => unknown>} */
const readiness = {
  inbox: (env) => () => listens(`http://${reachable(env.HOST ?? "")}:${env.PORT}`),
  web: (env) => async () =>
    (await answers({ socketPath: env.WEB_SOCKET ?? "" }, "/api/health")) !== undefined,
  runner: (env) => () => listens(env.RUNNER_URL ?? ""),
  // What it listens for tells nobody that it works: it says so itself.
  engine: () => () => false,
};

/**
 * The unix socket that a role listens on, if it does.
 * @param {Role} role
 * @param {Variables} env
 */
function socketOf(role, { RUNNER_URL, WEB_SOCKET, ENGINE_SOCKET }) {
  if (role === "web") return WEB_SOCKET;
  if (role === "engine") return ENGINE_SOCKET;
  return role === "runner" && RUNNER_URL?.startsWith("unix:") ? RUNNER_URL.slice("unix:".length) : undefined;
}

/**
 * @typedef {object} RoleOptions
 * @property {string} buildDir
 * @property {Variables} env the whole, of which the role is told its part
 * @property {Variables} [extra] what it is told besides
 * @property {string[]} [args]
 * @property {import("./run-file.mjs").Notes} [notes]
 * @property {string[]} [execArgv]
 */

/**
 * Starts one role and keeps it running.
 * @param {Role} role
 * @param {RoleOptions} options
 * @returns {Supervised}
 */
export function startRole(role, { buildDir, env, extra = {}, args = [], notes, execArgv = [] }) {
  if (isStopping()) throw new Failure("Stopped.");
  const own = environmentFor(role, { ...env, EGRESS_DENY: deniedPlaces(env) }, extra);
  const socket = socketOf(role, own);
  if (socket) prepareSocketDir(socket);
  const isDevelopment = own.NODE_ENV !== "production";
  const mend = pathToFileURL(path.join(buildDir, "mend-json.mjs")).href;
  /** @type {() => unknown} */
  let isReady = () => false;
  const process = supervise({
    name: titles[role],
    begin: () => {
      if (socket) fs.rmSync(socket, { force: true });
      isReady = readiness[role](own);
      return startNode(path.join(buildDir, `${role}.mjs`), {
        args,
        env: own,
        cwd: root,
        execArgv: [...nodeFlags[role], "--import", mend, ...execArgv],
        quiet: !isDevelopment,
      });
    },
    isReady: () => isReady(),
    graceSteps: graceSteps(role, env),
    final: final[role] ?? {},
    // A debugger may hold a process for as long as it likes.
    limits: isDevelopment ? null : usualLimits,
    whatIsAway: () => whatIsAway({ dataDir: own.DATA_DIR, databaseUrl: own.DATABASE_URL }),
    onChange: (identity) => notes?.process(role, identity),
  });
  onStop(() => process.stop());
  return process;
}

/**
 * Starts what serves HTTP: the inbox at the door and the web process behind it. Messages are accepted as soon as the
 * inbox is up, pages when both are.
 * @param {RoleOptions & { pageArgs?: string[], webExtra?: Variables }} options
 * @returns {{ inbox: Supervised, web: Supervised }}
 */
export function startDoor({ pageArgs = [], webExtra = {}, ...common }) {
  const web = startRole("web", {
    ...common,
    args: pageArgs,
    extra: { ...nextEnvironment(common.buildDir), ...webExtra },
  });
  return { web, inbox: startRole("inbox", { ...common, args: pageArgs }) };
}

/**
 * Starts database, runner, engine, web and inbox in the order in which they need each other, each supervised and stopped in
 * reverse by the launcher's end. Resolves when all of them serve.
 * @param {object} options
 * @param {import("./environment.mjs").Settings} options.settings
 * @param {string} options.buildDir
 * @param {import("./run-file.mjs").Notes} options.notes
 * @param {string} [options.mode]
 * @param {string[]} [options.pageArgs]
 * @param {{ web?: Variables }} [options.roleExtras]
 * @param {string[]} [options.execArgv]
 * @returns {Promise<Roles>}
 */
export async function startProduct({
  settings,
  buildDir,
  notes,
  mode = "production",
  pageArgs = [],
  roleExtras = {},
  execArgv = [],
}) {
  const env = productEnvironment({ settings, mode });
  const common = { buildDir, env, notes, execArgv };
  /** @type {Awaited<ReturnType<typeof startDatabase>> | undefined} */
  let database;
  if (!settings.databaseUrl) {
    database = await startDatabase(settings.dataDir, {
      onChange: (identity) => notes.process("database", identity),
    });
    env.DATABASE_URL = database.ownUrl;
  }
  notes.note({ databaseUrl: database?.url ?? env.DATABASE_URL ?? "", buildDir });
  // The runner needs no database, so it starts while the schema is brought up to date.
  const runner = startRole("runner", common);
  await migrate(buildDir, env, { isEmbedded: database !== undefined });
  const engine = startRole("engine", common);
  const { web, inbox } = startDoor({ ...common, pageArgs, webExtra: roleExtras.web ?? {} });
  const roles = { database: database?.process, runner, engine, web, inbox };
  await Promise.all([runner.ready, engine.ready, web.ready, inbox.ready]);
  return roles;
}
