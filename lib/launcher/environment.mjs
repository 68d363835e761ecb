import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { inRoot, root } from "./paths.mjs";

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

const everywhere = ["NODE_ENV", "LOG_LEVEL", "DATA_DIR"];
const limits = [
  "MAX_BODY_BYTES",
  "STEP_TIMEOUT_MS",
  "STEP_MEMORY_MB",
  "WORKER_REUSE",
  "EGRESS_ALLOW",
  "ALLOW_WEAK_SANDBOX",
];
const shared = [
  "PORT",
  "HOST",
  "PUBLIC_URL",
  "DATABASE_URL",
  "DATABASE_POOL",
  "EDGE_DATABASE_FETCH_URL",
  "SECRET_KEY",
  "CREDENTIAL_KEY",
  "ALLOW_SIGNUP",
  "SMTP_URL",
  "MAIL_FROM",
  "RUNNER_URL",
  "RUNNER_TOKEN",
  "ENGINE_CONCURRENCY",
  "PROJECT_CONCURRENCY",
  "INNGEST_DEV",
  "INNGEST_BASE_URL",
  "INNGEST_EVENT_KEY",
  "INNGEST_SIGNING_KEY",
  "INNGEST_SERVE_ORIGIN",
];
const signIn = [
  "GITHUB_ID",
  "GITHUB_SECRET",
  "GOOGLE_ID",
  "GOOGLE_SECRET",
  "OIDC_ISSUER",
  "OIDC_NAME",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
];
/** The package registry is the runner's business: it fetches adaptors. */
const registry = ["npm_config_registry", "NPM_CONFIG_REGISTRY", "npm_config_userconfig", "npm_config_cafile"];

/** What each role is told. The runner knows neither the database nor the master key. */
export const variables = {
  web: [...everywhere, ...shared, ...limits, ...signIn],
  engine: [...everywhere, ...shared, ...limits],
  runner: [...everywhere, ...limits, ...registry, "RUNNER_URL", "RUNNER_TOKEN"],
  database: [],
};

/** The part of `source` that `role` needs, plus `extra`. */
export function environmentFor(role, source, extra = {}) {
  const chosen = {};
  for (const name of [...base, ...variables[role]])
    if (source[name] !== undefined) chosen[name] = source[name];
  return { ...chosen, NEXT_TELEMETRY_DISABLED: "1", ...extra };
}

/**
 * Reads a file of KEY=value lines; what the environment already has wins.
 * @param {string} [file]
 * @param {Record<string, string | undefined>} [target]
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

/** The few settings the launcher itself acts on. The rest is validated by lib/env.ts once it is built. */
export function readSettings(source = process.env) {
  return {
    port: source.PORT || "3000",
    host: source.HOST || "127.0.0.1",
    dataDir: path.resolve(root, source.DATA_DIR || ".data"),
    databaseUrl: source.DATABASE_URL || undefined,
  };
}
