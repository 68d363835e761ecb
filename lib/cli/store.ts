import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { CliFailure } from "./failure";
import { readText, writeFile } from "./files";
import type { Variables } from "./variables";

/** What `login` keeps for this user: the server that was signed in to last, and a token for each by its origin. */
const stored = z.object({
  endpoint: z.string().optional(),
  tokens: z.record(z.string(), z.string()).default({}),
});
export type Logins = z.infer<typeof stored>;

/** The file that `login` writes. Only this user reads it. */
export function loginFile(env: Variables): string {
  const base = env.XDG_CONFIG_HOME || path.join(env.HOME || os.homedir(), ".config");
  return path.join(base, "waybill", "logins.json");
}

export async function readLogins(env: Variables): Promise<Logins> {
  const file = loginFile(env);
  const text = await readText(file);
  if (text === null) return { tokens: {} };
  try {
    return stored.parse(JSON.parse(text));
  } catch (cause) {
    throw new CliFailure(`${file} is not what \`waybill login\` writes.`, {
      next: `Remove it (rm ${file}) and run \`waybill login\` again.`,
      cause,
    });
  }
}

export const writeLogins = (env: Variables, logins: Logins): Promise<void> =>
  writeFile(loginFile(env), `${JSON.stringify(logins, null, 2)}\n`, { isPrivate: true });
