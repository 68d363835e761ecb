import { inject } from "vitest";
import { type ConnectOptions, connect, type Database } from "@/db/client";

let shared: Database | undefined;

/** The test run's migrated database, one small pool a test file. Also makes it the process's `database()`. */
export function testDatabase(): Database {
  if (shared) return shared;
  process.env.DATABASE_URL = inject("databaseUrl");
  process.env.SECRET_KEY ||= "test-secret-key-test-secret-key-test-secret-key";
  shared = testConnect(process.env.DATABASE_URL, { max: 8 });
  (globalThis as { waybillDatabase?: Database }).waybillDatabase = shared;
  return shared;
}

/** `connect` with the driver that the vitest project is about: `pg`, or Neon's through a bridge. */
export const testConnect = (url: string, options: ConnectOptions = {}): Database =>
  connect(url, { ...options, neonProxy: inject("neonProxy") });
