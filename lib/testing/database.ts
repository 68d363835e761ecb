import { inject } from "vitest";
import { type ConnectOptions, connect, type Database } from "@/db/client";
import { migratedDatabase } from "./own-database";
import { processDatabase } from "./process-database";

let shared: Database | undefined;

/** The test run's migrated database, one small pool a process. Also makes it the process's `database()`. */
export function testDatabase(): Database {
  return shared ?? share(inject("databaseUrl"));
}

/**
 * A migrated database of this file alone, for tests that change the schema or count everything. Call it before the
 * fixtures: from then on it is what `testDatabase` returns.
 */
export async function ownTestDatabase(): Promise<Database> {
  if (shared) throw new Error("This file uses the shared database already.");
  const { url } = await migratedDatabase();
  return share(url);
}

function share(url: string): Database {
  process.env.SECRET_KEY ||= "test-secret-key-test-secret-key-test-secret-key";
  shared = processDatabase(url, testConnect(url, { max: 8 }));
  return shared;
}

/** `connect` with the driver that the vitest project is about: `pg`, or Neon's through a bridge. */
export const testConnect = (url: string, options: ConnectOptions = {}): Database =>
  connect(url, { ...options, neonProxy: inject("neonProxy") });
