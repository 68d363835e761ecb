// @ts-check
import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { misspelt } from "../settings/misspelt.mjs";
import { problemsOf, readValues } from "../settings/read.mjs";
import { namesFor } from "../settings/settings.mjs";
import { Failure } from "./failure.mjs";
import { inRoot, root } from "./paths.mjs";

/** @typedef {Record<string, string | undefined>} Variables an environment, or a part of one */
/** @typedef {"inbox" | "web" | "engine" | "runner"} Role */
/**
 * The few settings the launcher itself acts on.
 * @typedef {{ port: number, host: string, dataDir: string, databaseUrl: string | undefined }} Settings
 */

/** What any process may know: where programs, certificates, proxies and the time zone are. */
const base = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "TERM",
  "NO_COLOR",
  "FORCE_COLOR",
  "NODE_OPTIONS",
  "MALLOC_ARENA_MAX",
  "MALLOC_MMAP_THRESHOLD_",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "SystemRoot",
];

/** The package registry is the runner's business: it fetches adaptors. */
const registry = ["npm_config_registry", "NPM_CONFIG_REGISTRY", "npm_config_userconfig", "npm_config_cafile"];

/**
 * What each role is told. The runner knows neither the database nor the master key, the inbox no key of credentials.
 * @type {Record<Role | "database", readonly string[]>}
 */
export const variables = {
  inbox: namesFor("inbox"),
  web: namesFor("web"),
  engine: namesFor("engine"),
  runner: [...namesFor("runner"), ...registry],
  database: [],
};

/**
 * The part of `source` that `role` needs, plus `extra`. Of glibc's heap each thread would have its own, which it hardly uses, and what is
 * large would come to lie in it, whose holes are never given back, once something large was freed.
 * @param {Role | "database"} role
 * @param {Variables} source
 * @param {Variables} [extra]
 * @returns {Variables}
 */
export function environmentFor(role, source, extra = {}) {
  /** @type {Variables} */
  const chosen = {};
  for (const name of [...base, ...variables[role]])
    if (source[name] !== undefined) chosen[name] = source[name];
  return {
    MALLOC_ARENA_MAX: "1",
    MALLOC_MMAP_THRESHOLD_: "131072",
    ...chosen,
    NEXT_TELEMETRY_DISABLED: "1",
    ...extra,
  };
}

/**
 * An environment in the type that Node's `spawn` wants: Next declares NODE_ENV to be in every one.
 * @param {Variables} env
 */
export const forSpawn = (env) => /** @type {NodeJS.ProcessEnv} */ (env);

/**
 * Reads a file of KEY=value lines; what the environment already has wins.
 * @param {string} [file]
 * @param {Variables} [target]
 */
export function loadDotEnv(file = inRoot(".env"), target = process.env) {
  let text;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    return;
  }
  for (const [name, value] of Object.entries(parseEnv(text))) target[name] ??= value;
}

/**
 * Throws one sentence for each setting that would not be obeyed, before any time is spent. What only looks like a
 * setting is said and left alone.
 * @param {Variables} [source]
 */
export function checkSettings(source = process.env) {
  const problems = problemsOf(source);
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  for (const sentence of misspelt(source)) console.error(sentence);
}

/**
 * The few settings the launcher itself acts on. Throws one sentence for each setting that is not usable.
 * @param {Variables} [source]
 * @returns {Settings}
 */
export function readSettings(source = process.env) {
  const { PORT, HOST, DATA_DIR, DATABASE_URL } = readValues(source);
  return { port: PORT, host: HOST, dataDir: path.resolve(root, DATA_DIR), databaseUrl: DATABASE_URL };
}
