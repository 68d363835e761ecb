import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startPostgres } from "@/lib/launcher/postgres.mjs";
import { migrateDatabase } from "./migrated";
import { startNeonBridge } from "./neon-bridge";

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
    neonProxy: string | undefined;
  }
}

/**
 * One throw-away cluster a vitest project, migrated. Each suite makes its own users and projects in it. The project
 * "neon" reaches it through Neon's driver.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-test-"));
  const server = await startPostgres({
    dir: path.join(dir, "postgres"),
    flags: ["fsync=off", "full_page_writes=off", "synchronous_commit=off"],
  });
  await migrateDatabase(server.url);
  const bridge = project.name === "neon" ? await startNeonBridge(server.url) : undefined;
  project.provide("databaseUrl", server.url);
  project.provide("neonProxy", bridge?.wsProxy);
  return async () => {
    await bridge?.close();
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  };
}
