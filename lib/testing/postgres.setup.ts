import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startPostgres } from "@/lib/launcher/postgres.mjs";
import { migrateDatabase } from "./migrated";
import { startNeonBridge } from "./neon-bridge";

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
    /** What databases of tests' own are copied from; nobody connects to it. */
    migratedDatabase: string;
    neonProxy: string | undefined;
  }
}

/**
 * One throw-away cluster a vitest project, migrated. Each suite makes its own users and projects in it. The projects
 * "neon" and "neon-alone" reach it through Neon's driver.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-test-"));
  const server = await startPostgres({
    dir: path.join(dir, "postgres"),
    flags: ["fsync=off", "full_page_writes=off", "synchronous_commit=off"],
  });
  const [template, shared] = ["migrated", "shared"];
  const urlOf = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${template}`);
  await migrateDatabase(urlOf(template));
  await client.query(`create database ${shared} template ${template}`);
  await client.end();
  const url = urlOf(shared);
  const bridge = project.name.startsWith("neon") ? await startNeonBridge(url) : undefined;
  project.provide("databaseUrl", url);
  project.provide("migratedDatabase", template);
  project.provide("neonProxy", bridge?.wsProxy);
  return async () => {
    await bridge?.close();
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  };
}
