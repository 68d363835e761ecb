import { neon, neonConfig } from "@neondatabase/serverless";
import { isNeon } from "@/db/neon";
import { bareError } from "@/lib/bare-error";
import { type Env, env, publicUrl } from "@/lib/env";
import type { InboxHost } from "./accept";
import { type InboxKeys, inboxKeys } from "./keys";

/** As long as a statement of the inbox may take elsewhere (db/deadline.ts, which is Node's). */
const statementMs = 4_000;

let keys: Promise<InboxKeys> | undefined;

/**
 * The inbox's surroundings on the edge: Neon's SQL over HTTP. Null where the database does not speak it: its address
 * would be guessed from the database's, and the password sent there. Runs wait for the engine's poll: nothing is
 * notified from here.
 */
export async function edgeInboxHost(environment: Env = env()): Promise<InboxHost | null> {
  const { DATABASE_URL, SECRET_KEY, MAX_BODY_BYTES, EDGE_DATABASE_FETCH_URL } = environment;
  if (!DATABASE_URL || !SECRET_KEY) return null;
  if (EDGE_DATABASE_FETCH_URL) neonConfig.fetchEndpoint = () => EDGE_DATABASE_FETCH_URL;
  else if (!isNeon(DATABASE_URL)) return null;
  const sql = neon(DATABASE_URL);
  keys ??= inboxKeys(SECRET_KEY);
  return {
    async query<T extends Record<string, unknown>>(text: string, values: unknown[]) {
      try {
        return (await sql.query(text, values, {
          fetchOptions: { signal: AbortSignal.timeout(statementMs) },
        })) as T[];
      } catch (error) {
        throw bareError(error);
      }
    },
    ...(await keys),
    maxBodyBytes: MAX_BODY_BYTES,
    origin: publicUrl(environment),
  };
}
