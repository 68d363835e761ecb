import { problemsOf, readValues } from "./settings/read.mjs";

/**
 * The only place that reads the environment. lib/settings declares every variable; the launcher fills in what the
 * processes share (secret, database, runner address) before it starts them.
 */
export type Env = ReturnType<typeof readValues>;

/** Parses an environment. Throws one sentence per wrong variable. */
export const parseEnv = (source: Record<string, string | undefined>): Env => readValues(source);

let parsed: Env | undefined;
/** The process's environment, parsed on first use. Throws one sentence per wrong variable or combination. */
export const env = (): Env => {
  if (parsed) return parsed;
  const problems = problemsOf(process.env);
  if (problems.length > 0) throw new Error(problems.join(" "));
  parsed = parseEnv(process.env);
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
