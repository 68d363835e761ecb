import type { Database } from "@/db/client";
import { isOutage } from "@/db/outage";
import { log } from "@/lib/log";
import { conflict } from "@/lib/refusal";
import { GoneError } from "@/lib/state/kept";
import { isUnfinished } from "@/lib/workflow/states";
import { type Bucket, BucketError, bucket } from "./bucket";
import { ownBucket } from "./home";
import { contentOf, fetchBodies } from "./read";
import { digestOf, nameOf, newSealedKey, type PayloadRow, sealBytes } from "./sealed";

/** Bodies stay in the database for so long: what is new is read most. And so long again when they were brought back. */
const restMs = 3_600_000;
const pageRows = 200;
/** Bodies that are on their way at a time. */
const width = 4;

export type Moved = { moved: number; isDone: boolean };

type Large = { id: string; projectId: string; size: number };

/** SQL for "something of the message `m` is still to be done": its body is better here. */
const isInUse = `(exists (
    select 1 from work_orders o where o.message_id = m.id and o.project_id is not distinct from m.project_id and (
      o.state in ('pending', 'running', 'rejected')
      or exists (select 1 from runs r where r.work_order_id = o.id and r.project_id is not distinct from o.project_id and ${isUnfinished("r.state")})))
  or exists (select 1 from test_runs t where t.message_id = m.id and t.project_id = m.project_id and t.finished_at is null))`;

/**
 * Takes bodies above the size out of the database, largest last, for about `budgetMs`: each is stored, read back and compared before
 * its row lets go of it, so it may be ended anywhere. `isDone` is false while there are others. Throws what the storage says; the
 * bodies are where they were.
 */
export async function moveApart(
  database: Database,
  budgetMs: number,
  { now = Date.now(), to = bucket() }: { now?: number; to?: Bucket | null } = {},
): Promise<Moved> {
  const end = performance.now() + budgetMs;
  const failures: unknown[] = [];
  let moved = 0;
  if (!to || to.aboveBytes === null) return { moved, isDone: true };
  await ownBucket(database.query, to);
  for (let after: Pick<Large, "size" | "id"> = { size: to.aboveBytes, id: highest }; ; ) {
    const page = await largeAfter(database, after, now);
    const last = page.at(-1);
    if (!last && failures.length > 0) throw failures[0];
    if (!last) return { moved, isDone: true };
    const left = page.filter(({ isFree }) => isFree);
    const some = async (): Promise<void> => {
      for (let next = left.shift(); next && performance.now() < end; next = left.shift())
        try {
          if (await moveOne(database, to, next)) moved += 1;
        } catch (error) {
          if (error instanceof BucketError || isOutage(error)) throw error;
          // Nobody's defect keeps the others waiting.
          failures.push(error);
        }
    };
    await Promise.all(Array.from({ length: width }, some));
    if (performance.now() >= end) return { moved, isDone: false };
    after = last;
  }
}

const lowest = "00000000-0000-0000-0000-000000000000";
const highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** A page of what lies here and is large; `isFree`: it may go now. */
const largeAfter = (
  database: Database,
  { size, id }: Pick<Large, "size" | "id">,
  now: number,
): Promise<(Large & { isFree: boolean })[]> =>
  database.query(
    `/* all tenants: everybody's bodies lie apart */
     select m.id, m.project_id as "projectId", m.size, (m.together_until is null or m.together_until < $3::timestamptz)
       and exists (select 1 from projects p where p.id = m.project_id and p.deletion_scheduled_at is null) and not ${isInUse} as "isFree"
     from messages m where m.payload is null and m.wiped_at is null and m.size >= 16384 and (m.size, m.id) > ($1::int, $2::uuid)
       and m.id < id_at($3::timestamptz - ${restMs} * interval '1 ms')
     order by m.size, m.id limit ${pageRows}`,
    [size, id, new Date(now).toISOString()],
  );

/** Whether its row has let go of it. */
async function moveOne(database: Database, to: Bucket, { id, projectId }: Large): Promise<boolean> {
  const [message] = await database.query<{ body: Uint8Array }>(
    "select body from messages where id = $1 and project_id = $2 and payload is null and wiped_at is null",
    [id, projectId],
  );
  if (!message) return false;
  const row = await storeBytes(database, to, projectId, message.body);
  return row !== null && refer(database, { id, projectId }, row);
}

/** The payload of these bytes, which are in the storage when this resolves; null when somebody takes it away meanwhile. */
async function storeBytes(
  database: Database,
  to: Bucket,
  projectId: string,
  bytes: Uint8Array,
): Promise<PayloadRow | null> {
  const [row] = await database.query<PayloadRow & { isStored: boolean }>(
    `insert into payloads as p (project_id, digest, sealed_key, size) values ($1, $2, $3, $4)
     on conflict (project_id, digest) where doomed_at is null do update set touched_at = now()
     returning p.id, p.project_id as "projectId", p.digest, p.sealed_key as "sealedKey", p.stored_at is not null as "isStored"`,
    [projectId, digestOf(projectId, bytes), newSealedKey(projectId), bytes.length],
  );
  if (!row) return null;
  const isThere = async () => {
    try {
      return (await contentOf(to, row)).equals(bytes);
    } catch (error) {
      if (error instanceof GoneError) return false;
      throw error;
    }
  };
  if (row.isStored && (await isThere())) return row;
  await to.put(nameOf(row), sealBytes(row, bytes));
  if (!(await isThere())) throw new Error("The storage for payloads does not give back what it was given.");
  return row;
}

/** The message refers to the payload from now on, if neither has gone meanwhile and nobody needs the body here. */
const refer = (database: Database, { id, projectId }: Pick<Large, "id" | "projectId">, row: PayloadRow) =>
  database.transaction(async (sql) => {
    // Locked first and looked at afterwards: of whoever wipes, deletes or queues, one comes second and sees it.
    const [there] = await sql.query(
      "select 1 as one from payloads where id = $1 and project_id = $2 and doomed_at is null for no key update",
      [row.id, projectId],
    );
    const [held] = await sql.query(
      "select 1 as one from messages where id = $1 and project_id = $2 for no key update skip locked",
      [id, projectId],
    );
    if (!there || !held) return false;
    const moved = await sql.query(
      `update messages m set body = '', payload = $3, together_until = null
       where m.id = $1 and m.project_id = $2 and m.payload is null and m.wiped_at is null and not ${isInUse} returning 1 as one`,
      [id, projectId, row.id],
    );
    if (moved.length > 0)
      await sql.query(
        "update payloads set stored_at = coalesce(stored_at, now()) where id = $1 and project_id = $2",
        [row.id, projectId],
      );
    return moved.length > 0;
  });

type Apart = { id: string; body: Uint8Array; payload: string | null };

/** How many bodies are back, and the messages whose objects are not in the storage any more. */
type Back = { moved: number; lost: { id: string; why: string }[] };

/**
 * Brings bodies of a project back into the database, where SQL looks into them: before a transaction that queues runs of these
 * messages. Throws `unavailable` while the storage does not answer.
 */
export async function bringBack(
  sql: Pick<Database, "query">,
  projectId: string,
  messageIds: readonly string[],
): Promise<Back> {
  const back: Back = { moved: 0, lost: [] };
  if (messageIds.length === 0) return back;
  const apart = await sql.query<Apart>(
    "select id, body, payload from messages where project_id = $1 and id = any($2::uuid[]) and payload is not null order by id",
    [projectId, [...new Set(messageIds)]],
  );
  for (const one of apart) {
    const { id, payload } = one;
    const [lost] = await fetchBodies(sql.query, projectId, [one]);
    if (lost) {
      back.lost.push({ id, why: lost.error.message });
      continue;
    }
    const moved = await sql.query(
      `update messages set body = $3, payload = null, together_until = now() + ${restMs} * interval '1 ms'
       where id = $1 and project_id = $2 and payload = $4 returning 1 as one`,
      [id, projectId, one.body, payload],
    );
    back.moved += moved.length;
    one.body = new Uint8Array();
  }
  return back;
}

/**
 * Brings back what lies apart, of everybody, for about `budgetMs`. Those whose objects are not there any more stay, and it throws
 * about them after the others.
 */
export async function moveBack(database: Database, budgetMs: number): Promise<Moved> {
  const end = performance.now() + budgetMs;
  const lost: Back["lost"] = [];
  let moved = 0;
  for (let after = { payload: lowest, id: lowest }; ; ) {
    const page = await database.query<{ id: string; payload: string; projectId: string }>(
      `/* all tenants: everybody's bodies come back */
       select id, payload, project_id as "projectId" from messages
       where payload is not null and (payload, id) > ($1::uuid, $2::uuid) order by payload, id limit ${pageRows}`,
      [after.payload, after.id],
    );
    const last = page.at(-1);
    if (!last && lost[0])
      throw conflict(`${lost.length} of the bodies stay where they are; the others are back. ${lost[0].why}`);
    if (!last) return { moved, isDone: true };
    for (const { id, projectId } of page) {
      if (performance.now() >= end) return { moved, isDone: false };
      const back = await bringBack(database, projectId, [id]);
      moved += back.moved;
      lost.push(...back.lost);
    }
    after = last;
  }
}

/** How many bodies should lie apart by now, to a thousand, and for how long the oldest of these should have. */
export async function waitingPayloads(
  { query }: Pick<Database, "query">,
  to = bucket(),
): Promise<{ waiting: number; lateMs: number }> {
  if (!to || to.aboveBytes === null) return { waiting: 0, lateMs: 0 };
  const [row] = await query<{ waiting: number; lateMs: number }>(
    `select /* all tenants: how it does */ count(*)::int as waiting,
       coalesce(extract(epoch from now() - moment_of((min(id::text))::uuid)) * 1000 - ${restMs}, 0)::float8 as "lateMs"
     from (select id, project_id from messages where payload is null and wiped_at is null and size >= 16384 and size > $1
       and id < id_at(now() - ${restMs} * interval '1 ms') and (together_until is null or together_until < now()) limit 1000 offset 0) m
     where not ${isInUse}`,
    [to.aboveBytes],
  );
  return { waiting: row?.waiting ?? 0, lateMs: Math.round(row?.lateMs ?? 0) };
}

/** What the storage said last, by what was asked of it. */
const told = new Map<string, string>();

/** `work`, with what goes wrong told in the log once, and once more when it is well again. Null: it is not. */
export async function toldOnce<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    const done = await work();
    if (told.delete(name)) log.info("The storage for payloads is well again.", { work: name });
    return done;
  } catch (error) {
    const what = error instanceof Error ? error.message : "";
    if (told.get(name) !== what)
      log.warn("Payloads stay where they are: the storage for them does not do its part.", {
        work: name,
        error,
      });
    told.set(name, what);
    return null;
  }
}
