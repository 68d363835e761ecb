import { inject } from "vitest";
import { connect, type Database } from "@/db/client";

let shared: Database | undefined;

/** The test run's migrated database, one small pool a test file. Also makes it the process's `database()`. */
export function testDatabase(): Database {
  if (shared) return shared;
  process.env.DATABASE_URL = inject("databaseUrl");
  process.env.SECRET_KEY ??= "test-secret-key-test-secret-key-test-secret-key";
  shared = connect(process.env.DATABASE_URL, { max: 8 });
  (globalThis as { waybillDatabase?: Database }).waybillDatabase = shared;
  return shared;
}
