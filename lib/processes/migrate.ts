import pg from "pg";
import { bringUpToDate } from "@/db/migrate";
import { env } from "@/lib/env";

const oldestVersion = 150_000;

/** Migrates the database at `url`. Throws a sentence when it cannot be used. */
async function migrate(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "waybill-migrate",
    connectionTimeoutMillis: 15_000,
  });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version_num') as version",
    );
    if (Number(rows[0]?.version) < oldestVersion)
      throw new Error("This PostgreSQL is too old: Waybill needs version 15 or newer.");
    await bringUpToDate(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The innermost reason: drizzle and pg wrap what the server said. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (error instanceof Error) return error.cause ? reason(error.cause) : error.message || error.name;
  return String(error);
}

try {
  const { DATABASE_URL } = env();
  if (!DATABASE_URL) throw new Error("DATABASE_URL is not set.");
  await migrate(DATABASE_URL);
} catch (error) {
  console.error(reason(error));
  process.exitCode = 1;
}
