import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startPostgres } from "../launcher/postgres.mjs";

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One throw-away cluster a run, migrated. Each suite makes its own users and projects in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-test-"));
  const server = await startPostgres({
    dir: path.join(dir, "postgres"),
    flags: ["fsync=off", "full_page_writes=off", "synchronous_commit=off"],
  });
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  await migrate(drizzle(pool), { migrationsFolder: "db/migrations" });
  await pool.end();
  project.provide("databaseUrl", server.url);
  return async () => {
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  };
}
