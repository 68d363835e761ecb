// @ts-check
import * as is from "./checks.mjs";

/**
 * One setting: how its text is read (`kind`), what is wrong with a text (`check`), which processes are told it, and
 * its line in the README's table. Without a `meaning` it shares the line of the one before it.
 * @typedef {"inbox" | "web" | "engine" | "runner"} Role
 * @typedef {object} Setting
 * @property {"number" | "flag" | "list" | "choice" | "text"} kind
 * @property {readonly Role[]} roles
 * @property {is.Check} [check]
 * @property {string | number | boolean | readonly string[]} [default] without one, the setting names something of the
 *   installation's own, which the tests never touch
 * @property {string} [shownDefault] the default in the README's words
 * @property {boolean} [isSecret] its text is never shown
 * @property {boolean} [isInternal] set by the launcher, and no line of the table
 * @property {readonly string[]} [values] of a choice
 * @property {string} [meaning]
 */

/** @type {readonly Role[]} */
const everywhere = ["inbox", "web", "engine", "runner"];
/** What executes, or says how. @type {readonly Role[]} */
const execution = ["web", "engine", "runner"];
/** @type {readonly Role[]} */
const product = ["web", "engine"];
/** What accepting needs too. @type {readonly Role[]} */
const stores = ["inbox", "web", "engine"];
/** @type {readonly Role[]} */
const door = ["inbox", "web"];
/** @type {readonly Role[]} */
const web = ["web"];
/** @type {readonly Role[]} */
const runner = ["runner"];

/** @template {readonly string[]} const V @param {V} values */
const choiceOf = (...values) => /** @type {const} */ ({ kind: "choice", values, check: is.choice(values) });
const number = /** @type {const} */ ({ kind: "number", check: is.count });
const flag = /** @type {const} */ ({ kind: "flag", check: is.flag });
const text = /** @type {const} */ ({ kind: "text" });
const secret = /** @type {const} */ ({ kind: "text", isSecret: true });
const webAddress = /** @type {const} */ ({ kind: "text", check: is.webAddress });

/**
 * Every setting of Waybill, in the README's order. The launcher, lib/env.ts, the tests' neutral environment and the
 * README's table are made from here. Needs nothing but the language: the launcher reads it before packages are
 * installed, and the edge inbox where there is no Node.
 * @satisfies {Record<string, Setting>}
 */
export const settings = {
  NODE_ENV: { ...text, roles: everywhere, default: "development", isInternal: true },
  PORT: {
    kind: "number",
    check: is.port,
    roles: stores,
    default: 3000,
    meaning: "where Waybill listens, for messages and pages",
  },
  HOST: { ...text, check: is.host, roles: stores, default: "127.0.0.1" },
  PUBLIC_URL: {
    ...text,
    check: is.origin,
    roles: stores,
    shownDefault: "from `HOST` and `PORT`",
    meaning: "the origin that people and senders use, e.g. `https://waybill.example.org`",
  },
  TRUSTED_PROXIES: {
    kind: "list",
    check: is.proxies,
    roles: web,
    default: /** @type {string[]} */ (["loopback"]),
    shownDefault: "`loopback`",
    meaning:
      "comma-separated addresses or CIDR of the proxies in front, `loopback` for those on this machine, or `none`: whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, and attempts to sign in counted by",
  },
  DATA_DIR: {
    ...text,
    roles: everywhere,
    default: ".data",
    meaning: "embedded database, secrets, adaptors",
  },
  MAIL_PAGE: { ...secret, roles: web, isInternal: true },
  WEB_SOCKET: { ...text, roles: door, isInternal: true },
  ENGINE_SOCKET: { ...text, roles: stores, isInternal: true },
  DATABASE_URL: {
    ...secret,
    check: is.postgres,
    roles: stores,
    shownDefault: "the embedded PostgreSQL 18",
    meaning: "any PostgreSQL 15 or newer; hosts under `.neon.tech` use Neon's driver",
  },
  DATABASE_DIRECT_URL: {
    ...secret,
    check: is.postgres,
    roles: stores,
    shownDefault: "`DATABASE_URL`; of Neon's pooler the host without `-pooler`",
    meaning:
      "the same database without the pooler that `DATABASE_URL` leads to (PgBouncer in transaction mode, for example): notices and migrations need it",
  },
  DATABASE_POOL: { ...number, roles: stores, default: 10, meaning: "connections per process" },
  SECRET_KEY: {
    ...secret,
    check: is.key,
    roles: stores,
    shownDefault: "made once, kept in `DATA_DIR`",
    meaning: "root of every key (sessions, credentials, inbox digests, engine): 32 random bytes, base64",
  },
  CREDENTIAL_KEY: {
    ...secret,
    check: is.keys,
    roles: product,
    shownDefault: "derived from `SECRET_KEY`",
    meaning:
      "keys for stored secrets, newest first, separated by commas. To rotate: put a new one in front, restart, run `npm run -s admin -- rotate-credential-key`, drop the old one",
  },
  ALLOW_SIGNUP: {
    ...flag,
    roles: product,
    default: true,
    meaning:
      "`0`: only invited people may register. Otherwise whoever opens a link that is mailed to them, or on a server that only this machine reaches, at once; where others reach it and no mail leaves, by invitation or `npm run -s admin -- create-user`",
  },
  SMTP_URL: {
    ...secret,
    check: is.smtp,
    roles: product,
    meaning:
      "without it, and while the server listens on loopback only, mails are shown on a page whose secret address is printed at start",
  },
  MAIL_FROM: { ...text, check: is.sender, roles: product, default: "Waybill <waybill@localhost>" },
  OPERATOR_EMAIL: {
    ...text,
    check: is.mailbox,
    roles: product,
    shownDefault: "none; with the local mail page, that page",
    meaning:
      "who hears when something is wrong with Waybill itself (lost runs, exceptions, a full disk, a queue or runner that stands still, notices that cannot be sent): a mailbox, and an `https://` address for Standard Webhooks or Slack (`hooks.slack.com`), with the secret (`whsec_` and base64) that its requests are signed with. The same stands in the log",
  },
  OPERATOR_WEBHOOK: { ...webAddress, isSecret: true, roles: product },
  OPERATOR_WEBHOOK_SECRET: { ...secret, check: is.webhookSecret, roles: product },
  GITHUB_ID: { ...text, roles: web, meaning: "sign-in with GitHub, Google" },
  GITHUB_SECRET: { ...secret, roles: web },
  GOOGLE_ID: { ...text, roles: web },
  GOOGLE_SECRET: { ...secret, roles: web },
  OIDC_ISSUER: { ...webAddress, roles: web, meaning: "sign-in with any OpenID Connect provider" },
  OIDC_CLIENT_ID: { ...text, roles: web },
  OIDC_CLIENT_SECRET: { ...secret, roles: web },
  OIDC_NAME: { ...text, roles: web },
  INNGEST_DEV: {
    ...text,
    check: is.inngestDev,
    roles: product,
    shownDefault: "none: embedded engine",
    meaning: "see *Modes*",
  },
  INNGEST_BASE_URL: { ...webAddress, roles: product },
  INNGEST_EVENT_KEY: { ...secret, roles: product },
  INNGEST_SIGNING_KEY: { ...secret, roles: product },
  INNGEST_SERVE_ORIGIN: { ...webAddress, roles: product },
  INNGEST_CONNECT: {
    ...flag,
    roles: product,
    default: false,
    meaning:
      "`1`: the engine opens a connection to Inngest's gateway and executes runs itself; without, Inngest calls the web server",
  },
  ENGINE_CONCURRENCY: {
    ...number,
    roles: product,
    default: 16,
    meaning: "runs at once in one engine, and of one project",
  },
  PROJECT_CONCURRENCY: { ...number, roles: product, default: 8 },
  RUNNER_URL: {
    ...text,
    check: is.runnerAddresses,
    roles: execution,
    shownDefault: "a unix socket in `DATA_DIR`",
    meaning:
      "where the runner listens, and where the others call it: `unix:/path`, `https://host:port`, or `http://host:port` of this machine; for the others also several, with commas. And the token that it expects",
  },
  RUNNER_TOKEN: { ...secret, check: is.token, roles: execution, shownDefault: "derived from `SECRET_KEY`" },
  RUNNER_REGISTER_AT: {
    ...text,
    check: is.origin,
    roles: runner,
    meaning:
      "for a runner: Waybill's origin, where it makes itself known, under which name and address (default: its machine's, and `RUNNER_URL`); then nobody needs to name it in `RUNNER_URL`",
  },
  RUNNER_NAME: { ...text, check: is.shownName, roles: runner },
  RUNNER_ADDRESS: { ...text, check: is.reachableAddress, roles: runner },
  RUNNER_CERT: {
    ...text,
    roles: runner,
    shownDefault: "made once, kept in `DATA_DIR`",
    meaning:
      "for a runner at `https:`: files with its certificate and key. It prints the certificate's fingerprint when it starts",
  },
  RUNNER_KEY: { ...text, roles: runner },
  RUNNER_CLIENT_CA: {
    ...text,
    roles: runner,
    meaning:
      "for a runner: a file with the certificates that a caller's must be signed by, or be. Then nobody calls it without one",
  },
  RUNNER_FINGERPRINT: {
    ...text,
    check: is.fingerprints,
    roles: product,
    shownDefault: "what a runner that registers says",
    meaning:
      "for who calls `https:`: SHA-256 fingerprints, one of which the certificate must have, or a file with the authorities that it must be signed by; without either, those of the system",
  },
  RUNNER_CA: { ...text, roles: product },
  RUNNER_CLIENT_CERT: {
    ...text,
    roles: product,
    meaning: "for who calls: files with the certificate and key that it shows",
  },
  RUNNER_CLIENT_KEY: { ...text, roles: product },
  RUNNER_ALLOW_PLAIN: {
    ...flag,
    roles: execution,
    default: false,
    meaning:
      "`1`: runners may be called over `http:` beyond this machine, credentials included: only where nobody else can listen",
  },
  RUNNER_DRAIN_MS: {
    kind: "number",
    check: is.waitMs,
    roles: ["runner"],
    shownDefault: "`STEP_TIMEOUT_MS`, at most `600000`",
    meaning:
      "how long a runner that is told to stop lets the steps that it has go on; a second signal ends them",
  },
  ENGINE_DRAIN_MS: {
    kind: "number",
    check: is.waitMs,
    roles: product,
    shownDefault: "`STEP_TIMEOUT_MS`, at most `600000`",
    meaning:
      "how long an engine that is told to stop waits for the steps that run; what they have not ended by then, another engine or its next start follows to its end",
  },
  WEB_DRAIN_MS: {
    kind: "number",
    check: is.waitMs,
    roles: door,
    default: 60_000,
    meaning: "how long the door and the pages, told to stop, go on answering requests under way",
  },
  PLAN_RUNS_PER_MONTH: {
    ...number,
    check: is.runsPerMonth,
    roles: web,
    default: 0,
    shownDefault: "none, none, `soft`",
    meaning:
      "the plan of new projects: how many runs they may start in a month (UTC) and in a minute, and whether what comes beyond the month's is kept, to be released (`soft`), or refused (`hard`). `npm run -s admin -- set-plan` sets a project's own",
  },
  PLAN_RUNS_PER_MINUTE: { ...number, check: is.runsPerMinute, roles: web, default: 0 },
  PLAN_LIMIT: { ...choiceOf("soft", "hard"), roles: web, default: "soft" },
  MAX_BODY_BYTES: {
    ...number,
    roles: everywhere,
    default: 10_000_000,
    meaning: "largest message; projects may lower it",
  },
  PAYLOADS_URL: {
    ...text,
    check: is.bucket,
    roles: product,
    shownDefault: "none: bodies stay in the database",
    meaning:
      "a bucket of S3-compatible storage, by its path (`https://s3.example.org/bucket`), its region and the key that may put, get and delete its objects; see *Payloads apart*",
  },
  PAYLOADS_REGION: { ...text, roles: product, default: "us-east-1" },
  PAYLOADS_ACCESS_KEY: { ...secret, roles: product },
  PAYLOADS_SECRET_KEY: { ...secret, roles: product },
  PAYLOADS_ABOVE_BYTES: {
    kind: "number",
    check: is.apartBytes,
    roles: product,
    default: 65_536,
    meaning:
      "bodies of more bytes lie there an hour after they came; `0`: no more go there, and those that do are read",
  },
  WEBHOOK_RESPONSE_TIMEOUT_MS: {
    kind: "number",
    check: is.waitMs,
    roles: door,
    default: 30_000,
    meaning:
      "how long a sender whose URL answers after completion waits for the run before it hears 504; the run goes on. Less than `WEB_DRAIN_MS`, so that a door that stops answers them all",
  },
  STEP_TIMEOUT_MS: {
    kind: "number",
    check: is.waitMs,
    roles: execution,
    default: 300_000,
    meaning: "limits of one step",
  },
  STEP_MEMORY_MB: { ...number, roles: execution, default: 128 },
  WORKER_REUSE: {
    ...choiceOf("project", "run", "never"),
    roles: execution,
    default: "project",
    meaning:
      "how far a worker process is shared, among steps with the same credential or with none: within a `project`, a `run` or `never`",
  },
  EGRESS_ALLOW: {
    kind: "list",
    check: is.destinations,
    roles: execution,
    default: /** @type {string[]} */ ([]),
    meaning:
      "comma-separated hosts, `host:port` or CIDR that jobs and the renewal of OAuth2 credentials may reach although they are private",
  },
  EGRESS_DENY: {
    kind: "list",
    check: is.destinations,
    roles: execution,
    default: /** @type {string[]} */ ([]),
    shownDefault: "what this process is told of",
    meaning:
      "the same, refused whatever is allowed. Waybill's own web server, database, runner and Inngest server are added by themselves; name them for a runner on its own that is not told of them",
  },
  ALLOW_WEAK_SANDBOX: {
    ...flag,
    roles: execution,
    default: false,
    meaning: "`1`: run without operating-system layers, for trusted tenants only",
  },
  EDGE_DATABASE_FETCH_URL: {
    ...webAddress,
    roles: product,
    shownDefault: "Neon's own",
    meaning: "where the edge inbox finds Neon's SQL-over-HTTP protocol",
  },
  INBOX_PROBE_ADDRESS: {
    ...text,
    check: is.listenAddress,
    roles: ["inbox"],
    meaning:
      "`host:port` where each role answers `/livez` and `/readyz`, besides where it serves HTTP anyway; see *Probes*",
  },
  WEB_PROBE_ADDRESS: { ...text, check: is.listenAddress, roles: web },
  ENGINE_PROBE_ADDRESS: { ...text, check: is.listenAddress, roles: ["engine"] },
  RUNNER_PROBE_ADDRESS: { ...text, check: is.listenAddress, roles: ["runner"] },
  LOG_LEVEL: {
    ...choiceOf("debug", "info", "warn", "error"),
    roles: everywhere,
    default: "info",
    meaning: "`debug`, `info`, `warn`, `error`",
  },
};

/** @typedef {keyof typeof settings} Name */

/** @type {readonly [Name, Setting][]} */
export const declared = /** @type {[Name, Setting][]} */ (Object.entries(settings));

/** Names of the settings that `role` is told. @param {Role} role @returns {Name[]} */
export const namesFor = (role) =>
  declared.filter(([, { roles }]) => roles.includes(role)).map(([name]) => name);

/** Names of the settings that lead to somebody's own database, mail or sign-in. @type {readonly Name[]} */
export const personalNames = declared
  .filter(([, setting]) => setting.default === undefined)
  .map(([name]) => name);
