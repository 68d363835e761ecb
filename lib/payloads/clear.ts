import type { Database, Sql } from "@/db/client";
import type { Pace } from "@/lib/domain/purge/pace";
import { type Bucket, BucketError, bucket } from "./bucket";
import { ownBucket } from "./home";
import { nameOf, type PayloadRow } from "./sealed";

/** What was begun and never referred to is left for so long: somebody may be about to. */
const unstoredMs = 86_400_000;
/** Whoever has looked up where a body lies has so long to read it. */
const graceMs = 600_000;
const batchRows = 200;

/** SQL for "nothing refers to the payload `p`". */
const isAlone =
  "not exists (select 1 from messages m where m.payload = p.id and m.project_id is not distinct from p.project_id)";

/**
 * Deletes objects that nothing refers to, for about `budgetMs`. Doomed first, in a transaction that nobody can refer to them after,
 * then the object, then the row: ended anywhere, it goes on. `isDone` is false while there are others. Throws what the storage says.
 */
export async function clearPayloads(
  database: Database,
  budgetMs: number,
  { now = Date.now(), from = bucket() }: { now?: number; from?: Bucket | null } = {},
): Promise<{ deleted: number; isDone: boolean }> {
  const end = performance.now() + budgetMs;
  if (from) await ownBucket(database.query, from);
  while ((await doomLeft(database)) || (await doomUnstored(database, now)))
    if (performance.now() >= end) return { deleted: 0, isDone: false };
  for (let deleted = 0; ; ) {
    const doomed = await database.query<PayloadRow>(
      `/* all tenants: what is nobody's any more */ select id, project_id as "projectId", digest, sealed_key as "sealedKey" from payloads
       where doomed_at < $1::timestamptz - ${graceMs} * interval '1 ms' order by doomed_at limit ${batchRows}`,
      [new Date(now).toISOString()],
    );
    if (doomed.length === 0) return { deleted, isDone: true };
    for (const row of doomed) {
      if (performance.now() >= end) return { deleted, isDone: false };
      await deleteDoomed(database, from, row);
      deleted += 1;
    }
  }
}

/** Looks at what something has stopped to refer to. Whether there was any. */
const doomLeft = (database: Database): Promise<boolean> =>
  database.transaction(async (sql) => {
    const left = await sql.query<{ id: string }>(
      `/* all tenants: everybody's */ delete from payloads_left where id = any(array(
         select id from payloads_left order by id limit ${batchRows} for update skip locked)) returning payload_id as id`,
      [],
    );
    await doom(sql, left);
    return left.length > 0;
  });

const doomUnstored = (database: Database, now: number): Promise<boolean> =>
  database.transaction(async (sql) => {
    const left = await sql.query<{ id: string }>(
      `/* all tenants: everybody's */ select id from payloads where stored_at is null and doomed_at is null
         and touched_at < $1::timestamptz - ${unstoredMs} * interval '1 ms' order by touched_at limit ${batchRows}`,
      [new Date(now).toISOString()],
    );
    return (await doom(sql, left)) > 0;
  });

/** Locked first and looked at afterwards: whoever refers to one locks it, too, and comes before or finds it doomed. */
async function doom(sql: Sql, rows: { id: string }[]): Promise<number> {
  if (rows.length === 0) return 0;
  const ids = [...new Set(rows.map(({ id }) => id))];
  await sql.query(
    "/* all tenants: everybody's */ select 1 as one from payloads where id = any($1::uuid[]) order by id for update",
    [ids],
  );
  const doomed = await sql.query(
    `/* all tenants: everybody's */ update payloads p set doomed_at = now()
     where id = any($1::uuid[]) and doomed_at is null and ${isAlone} returning 1 as one`,
    [ids],
  );
  return doomed.length;
}

async function deleteDoomed(sql: Sql, from: Bucket | null, row: PayloadRow): Promise<void> {
  if (!from) throw new BucketError("No storage for payloads is set (PAYLOADS_URL), and some lie in one.");
  await from.remove(nameOf(row));
  await sql.query("delete from payloads where id = $1 and project_id = $2 and doomed_at is not null", [
    row.id,
    row.projectId,
  ]);
}

/**
 * Deletes every object of a project whose messages are deleted. False when the pace ended first. Throws what the storage says: the
 * project is not purged until it has nothing there.
 */
export async function purgePayloads(database: Database, projectId: string, pace: Pace): Promise<boolean> {
  for (;;) {
    if (!pace.goesOn()) return false;
    const rows = await database.query<PayloadRow>(
      `update payloads set doomed_at = coalesce(doomed_at, now()) where id = any(array(
         select id from payloads where project_id = $1 order by id limit ${batchRows})) and project_id = $1
       returning id, project_id as "projectId", digest, sealed_key as "sealedKey"`,
      [projectId],
    );
    if (rows.length === 0) return true;
    const from = bucket();
    if (from) await ownBucket(database.query, from);
    for (const row of rows) {
      if (!pace.goesOn()) return false;
      await deleteDoomed(database, from, row);
    }
  }
}
