import type pg from "pg";
import { inTime, LateError } from "@/lib/in-time";
import { openClient } from "./client";
import { connectMs } from "./deadline";
import { withoutPooler } from "./neon";

/** Where the database is reached without a pooler. */
export const directOf = (url: string, directUrl: string | undefined): string =>
  directUrl ?? withoutPooler(url);

const pidOf = async (client: pg.Client): Promise<number | undefined> =>
  (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;

/**
 * Whether a pooler in transaction mode (or statement mode) answers at `url`: one connection is served by several processes
 * of the server, or two by one. What a session holds is lost there between two statements. Found by asking two connections
 * in an order that betrays it also when processes are taken in turns.
 */
export async function isPooled(url: string): Promise<boolean> {
  const [a, b] = [await openClient(url), await openClient(url)];
  try {
    const seen = new Map<pg.Client, number | undefined>();
    for (const one of [a, a, b, a, b, b, a]) {
      const pid = await inTime(pidOf(one), connectMs.act);
      const other = seen.get(one === a ? b : a);
      if ((seen.has(one) && seen.get(one) !== pid) || pid === other) return true;
      seen.set(one, pid);
    }
    return false;
  } catch (error) {
    // A pooler of sessions that has a process for one of them only.
    if (error instanceof LateError) return false;
    throw error;
  } finally {
    for (const one of [a, b]) void one.end().catch(() => {});
  }
}

/** Throws a sentence unless notices, session locks and migrations work at the direct address of a database. */
export async function requireDirect(url: string, directUrl: string | undefined): Promise<void> {
  if (!(await isPooled(directOf(url, directUrl)))) return;
  throw new Error(
    directUrl
      ? "DATABASE_DIRECT_URL leads to a connection pooler in transaction mode, too: name the address of PostgreSQL itself."
      : "DATABASE_URL leads to a connection pooler in transaction mode, such as PgBouncer, behind which notices are not heard and session locks do not hold: set DATABASE_DIRECT_URL to the address of PostgreSQL itself; everything else goes on through the pooler.",
  );
}

/**
 * Throws a sentence when `url` leads to another database than `direct` is connected to, which holds an advisory lock: it is
 * looked for from there.
 */
export async function requireSame(direct: pg.Client, url: string): Promise<void> {
  const pid = await pidOf(direct);
  const client = await openClient(url);
  try {
    const { rows } = await client.query(
      `select 1 from pg_locks l join pg_database d on d.oid = l.database
       where l.locktype = 'advisory' and l.pid = $1 and d.datname = current_database()`,
      [pid],
    );
    if (rows.length === 0)
      throw new Error("DATABASE_DIRECT_URL leads to another database than DATABASE_URL.");
  } finally {
    await client.end().catch(() => {});
  }
}
