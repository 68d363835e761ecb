import path from "node:path";
import { parseEnv } from "node:util";
import { readText } from "./files";

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment with what a `.env` in the folder says of `WAYBILL_…` and `OPENFN_…`: as with OpenFn's command line, the
 * file wins. `IGNORE_DOT_ENV` leaves it alone.
 */
export async function withDotEnv(env: Variables, cwd: string): Promise<Variables> {
  if (env.IGNORE_DOT_ENV) return env;
  const text = await readText(path.join(cwd, ".env"));
  if (text === null) return env;
  const own = Object.entries(parseEnv(text)).filter(([name]) => /^(WAYBILL|OPENFN)_/.test(name));
  return { ...env, ...Object.fromEntries(own) };
}

/** A variable under our name, else under OpenFn's; an empty one counts as none. */
export const variable = (env: Variables, name: string): string | undefined =>
  env[`WAYBILL_${name}`] || env[`OPENFN_${name}`] || undefined;
