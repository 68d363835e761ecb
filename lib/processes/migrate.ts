import { database, openClient } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { directOf, requireDirect, requireSame } from "@/db/pooler";
import { proveKeys } from "@/lib/domain/key/prove";
import { env } from "@/lib/env";
import { exitCodes } from "@/lib/launcher/exit-codes.mjs";
import { Refusal } from "@/lib/refusal";

const oldestVersion = 150_000;

/** A way to the database on which nothing comes back any more is not waited for. */
const longestMs = 2 * 60 * 60_000;

/** For the command that takes other keys for the database's own. */
const provesKeys = !process.argv.includes("--any-keys");

/**
 * Migrates the database at `url`, past a pooler, and proves the keys to it. Throws a sentence when it cannot be used with
 * them, or when there is a pooler and no way past it.
 */
async function migrate(url: string, directUrl: string | undefined): Promise<void> {
  await requireDirect(url, directUrl);
  const client = await openClient(directOf(url, directUrl), { applicationName: "waybill-migrate" });
  try {
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version_num') as version",
    );
    if (Number(rows[0]?.version) < oldestVersion)
      throw new Error("This PostgreSQL is too old: Waybill needs version 15 or newer.");
    // Its lock is held until the connection ends: nobody else proves keys meanwhile.
    await bringUpToDate(client);
    if (directUrl) await requireSame(client, url);
    if (provesKeys) await prove();
  } finally {
    await client.end().catch(() => {});
  }
}

async function prove(): Promise<void> {
  const data = database();
  await proveKeys(data.db).finally(() => data.close());
}

/** The innermost reason: drizzle and pg wrap what the server said. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (error instanceof Error) return error.cause ? reason(error.cause) : error.message || error.name;
  return String(error);
}

setTimeout(() => {
  console.error("The database has not been brought up to date within two hours.");
  process.exit(1);
}, longestMs).unref();

try {
  const { DATABASE_URL, DATABASE_DIRECT_URL } = env();
  if (!DATABASE_URL) throw new Error("DATABASE_URL is not set.");
  await migrate(DATABASE_URL, DATABASE_DIRECT_URL);
} catch (error) {
  console.error(reason(error));
  process.exitCode = error instanceof Refusal ? exitCodes.wrongKeys : 1;
}
