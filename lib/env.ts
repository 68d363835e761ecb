import { z } from "zod";

/**
 * The only place that reads the environment. Every variable is optional; README's table lists them. The launcher
 * fills in what the processes share (secret, database, runner address) before it starts them.
 */
const optionalText = z.preprocess((v) => (v === "" ? undefined : v), z.string().optional());
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const flag = z.preprocess((v) => v === "1" || v === "true", z.boolean());

const schema = z.object({
  NODE_ENV: z.string().default("development"),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  /** Origin that people and senders use, e.g. https://waybill.example.org. */
  PUBLIC_URL: optionalText,
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: optionalText,
  DATABASE_POOL: count(10),
  /** Endpoint of Neon's SQL-over-HTTP protocol for the edge inbox, when it is not Neon's own. */
  EDGE_DATABASE_FETCH_URL: optionalText,
  /** Root of every key (sessions, credentials, inbox digests, engine): 32 bytes or more, base64 or hex. */
  SECRET_KEY: optionalText,
  /** Separate key for credential envelopes; falls back to one derived from SECRET_KEY. */
  CREDENTIAL_KEY: optionalText,
  ALLOW_SIGNUP: z.preprocess((v) => v !== "0" && v !== "false", z.boolean()),
  SMTP_URL: optionalText,
  MAIL_FROM: z.string().default("Waybill <waybill@localhost>"),
  GITHUB_ID: optionalText,
  GITHUB_SECRET: optionalText,
  GOOGLE_ID: optionalText,
  GOOGLE_SECRET: optionalText,
  OIDC_ISSUER: optionalText,
  OIDC_NAME: optionalText,
  OIDC_CLIENT_ID: optionalText,
  OIDC_CLIENT_SECRET: optionalText,
  INNGEST_DEV: optionalText,
  INNGEST_BASE_URL: optionalText,
  INNGEST_EVENT_KEY: optionalText,
  INNGEST_SIGNING_KEY: optionalText,
  INNGEST_SERVE_ORIGIN: optionalText,
  ENGINE_CONCURRENCY: count(16),
  PROJECT_CONCURRENCY: count(8),
  /** http://host:port or unix:/path of the runner, and the token it expects. */
  RUNNER_URL: optionalText,
  RUNNER_TOKEN: optionalText,
  MAX_BODY_BYTES: count(10_000_000),
  STEP_TIMEOUT_MS: count(300_000),
  STEP_MEMORY_MB: count(128),
  WORKER_REUSE: z.enum(["project", "run", "never"]).default("project"),
  /** Comma-separated hosts, host:port or CIDR that jobs may reach although they are private. */
  EGRESS_ALLOW: z
    .string()
    .default("")
    .transform((v) =>
      v
        .split(",")
        .map((s) => s.trim())
        .filter(Boolean),
    ),
  ALLOW_WEAK_SANDBOX: flag,
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

export type Env = z.infer<typeof schema>;

/** Parses an environment. Throws one sentence per wrong variable. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const result = schema.safeParse(source);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(
    `The environment is not usable. ${problems.join("; ")}. See the configuration table in README.md.`,
  );
}

let parsed: Env | undefined;
/** The process's environment, parsed on first use. */
export const env = (): Env => {
  parsed ??= parseEnv(process.env);
  return parsed;
};

/** Embedded unless any Inngest variable says otherwise (reference: inngest §6). */
export const usesEmbeddedEngine = (e: Env): boolean =>
  !e.INNGEST_DEV && !e.INNGEST_BASE_URL && !e.INNGEST_SIGNING_KEY;

export const publicUrl = (e: Env): string =>
  e.PUBLIC_URL?.replace(/\/$/, "") ?? `http://${e.HOST === "0.0.0.0" ? "127.0.0.1" : e.HOST}:${e.PORT}`;

/** next-auth reads its own address from the environment and nowhere else. */
export function provideAuthUrl(): void {
  process.env.NEXTAUTH_URL = publicUrl(env());
}

const toolVariables =
  /^(PATH|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|https?_proxy|no_proxy|all_proxy|npm_config_(registry|cafile|proxy|https_proxy|noproxy))$/i;

/** What a tool such as npm needs to reach its registry, and nothing else of our environment. */
export const toolEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value && toolVariables.test(name) ? [[name, value]] : [],
    ),
  );
