import path from "node:path";
import { parseEnv } from "node:util";
import { CliFailure } from "./failure";
import { readText } from "./files";

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment with what a `.env` in the folder says of `WAYBILL_…` and `OPENFN_…`: as with OpenFn's command line, the
 * file wins. `IGNORE_DOT_ENV` leaves it alone. Throws `CliFailure` where it would send a token that it does not hold to another
 * server than the one that the environment names with it: a repository's file is not this user's.
 */
export async function withDotEnv(env: Variables, cwd: string): Promise<Variables> {
  if (env.IGNORE_DOT_ENV) return env;
  const text = await readText(path.join(cwd, ".env"));
  if (text === null) return env;
  const own = Object.fromEntries(
    Object.entries(parseEnv(text)).filter(([name]) => /^(WAYBILL|OPENFN)_/.test(name)),
  );
  const joined = { ...env, ...own };
  const [before, after] = [variable(env, "ENDPOINT"), variable(joined, "ENDPOINT")];
  const isTheirs = variable(own, "API_KEY") === variable(joined, "API_KEY");
  if (before && variable(env, "API_KEY") && originOf(after) !== originOf(before) && !isTheirs)
    throw new CliFailure(`.env names another server than the environment does: ${after}`, {
      next: "The token of the environment is not sent there. Take the endpoint out of .env, put that server's token beside it, or leave the file alone: IGNORE_DOT_ENV=1.",
    });
  return joined;
}

const originOf = (endpoint: string | undefined): string | undefined =>
  endpoint && URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;

/** A variable under our name, else under OpenFn's; an empty one counts as none. */
export const variable = (env: Variables, name: string): string | undefined =>
  env[`WAYBILL_${name}`] || env[`OPENFN_${name}`] || undefined;
