import { neon, neonConfig } from "@neondatabase/serverless";
import { env } from "@/lib/env";
import type { InboxHost } from "./accept";
import { digestKey } from "./digest";

let key: Promise<CryptoKey> | undefined;

/**
 * The inbox's surroundings on the edge: Neon's SQL over HTTP. EDGE_DATABASE_FETCH_URL names another endpoint that
 * speaks Neon's protocol. Runs wait for the engine's poll: nothing is notified from here.
 */
export async function edgeInboxHost(): Promise<InboxHost> {
  const { DATABASE_URL, SECRET_KEY, MAX_BODY_BYTES, EDGE_DATABASE_FETCH_URL } = env();
  if (!DATABASE_URL || !SECRET_KEY) throw new Error("The edge inbox needs DATABASE_URL and SECRET_KEY.");
  if (EDGE_DATABASE_FETCH_URL) neonConfig.fetchEndpoint = () => EDGE_DATABASE_FETCH_URL;
  const sql = neon(DATABASE_URL);
  key ??= digestKey(SECRET_KEY);
  return {
    query: async <T extends Record<string, unknown>>(text: string, values: unknown[]) => (await sql.query(text, values.map(wire))) as T[],
    digestKey: await key,
    maxBodyBytes: MAX_BODY_BYTES,
  };
}

/** HTTP carries text: bytes go as Postgres' hex form. */
const wire = (value: unknown) =>
  value instanceof Uint8Array ? `\\x${Array.from(value, (b) => b.toString(16).padStart(2, "0")).join("")}` : value;
