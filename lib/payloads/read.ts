import type { Sql } from "@/db/client";
import { Refusal } from "@/lib/refusal";
import { GoneError } from "@/lib/state/kept";
import type { MessageFormat } from "@/lib/words";
import { type Bucket, bucket } from "./bucket";
import { ownBucket } from "./home";
import { nameOf, openBytes, type PayloadRow } from "./sealed";

/** What of a message says where its body is: here, or apart. */
export type Placed = { body: Uint8Array; payload: string | null };

/** Objects that one reader fetches at a time. */
const width = 8;

/**
 * The rows with their bodies, wherever those lie: whoever selects `body` selects `payload` beside it and asks here, in no
 * transaction. Throws `unavailable` while the storage does not answer, and `not_found` for an object that is not there any more.
 */
export async function withBodies<T extends Placed>(
  query: Sql["query"],
  projectId: string,
  found: T[],
): Promise<T[]> {
  const [lost] = await fetchBodies(query, projectId, found);
  if (lost) throw new Refusal("not_found", lost.error.message);
  return found;
}

/** The same for whoever looks through many: one whose object is not there any more has bytes that nobody can read. */
export async function withBodiesLeft<T extends Placed & { format: MessageFormat | null }>(
  query: Sql["query"],
  projectId: string,
  found: T[],
): Promise<T[]> {
  for (const { row } of await fetchBodies(query, projectId, found)) row.format = "binary";
  return found;
}

/** Gives the rows their bodies. Returns those whose objects are not there any more. Throws `unavailable` as above. */
export async function fetchBodies<T extends Placed>(
  query: Sql["query"],
  projectId: string,
  found: T[],
): Promise<{ row: T; error: GoneError }[]> {
  const apart = found.filter(({ payload }) => payload !== null);
  if (apart.length === 0) return [];
  const rows = await payloadRows(query, projectId, apart);
  const bodies = new Map<string, Promise<Buffer>>();
  const fetched = async (payload: string): Promise<Buffer> => {
    const body = bodies.get(payload) ?? readPayload(query, rows.get(payload));
    bodies.set(payload, body);
    return body;
  };
  const left = [...apart];
  const lost: { row: T; error: GoneError }[] = [];
  await Promise.all(
    Array.from({ length: Math.min(width, left.length) }, async () => {
      for (let one = left.shift(); one; one = left.shift())
        if (one.payload !== null) {
          const body = await fetched(one.payload).catch(asLost);
          if (body instanceof GoneError) lost.push({ row: one, error: body });
          else one.body = body;
        }
    }),
  );
  return lost;
}

function asLost(error: unknown): GoneError {
  if (error instanceof GoneError) return error;
  throw error;
}

/** The same for one. */
export async function withBody<T extends Placed | undefined>(
  query: Sql["query"],
  projectId: string,
  found: T,
): Promise<T> {
  if (found) await withBodies(query, projectId, [found]);
  return found;
}

async function payloadRows(
  query: Sql["query"],
  projectId: string,
  placed: Placed[],
): Promise<Map<string, PayloadRow>> {
  const rows = await query<PayloadRow>(
    `select id, project_id as "projectId", digest, sealed_key as "sealedKey" from payloads where project_id = $1 and id = any($2::uuid[])`,
    [projectId, [...new Set(placed.flatMap(({ payload }) => payload ?? []))]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function readPayload(query: Sql["query"], row: PayloadRow | undefined): Promise<Buffer> {
  const from = bucket();
  if (!from) throw unavailable("No storage for payloads is set (PAYLOADS_URL).");
  // It was wiped or deleted since it was looked up.
  if (!row) throw new GoneError("Its body was taken away a moment ago.");
  try {
    return await contentOf(from, row).catch(async (error: unknown) => {
      // Whatever another bucket does not have is not lost.
      if (error instanceof GoneError) await ownBucket(query, from);
      throw error;
    });
  } catch (error) {
    if (error instanceof GoneError) throw error;
    throw unavailable(error instanceof Error ? error.message : "");
  }
}

/** A payload's content as it is in the storage. Throws `GoneError` when it is not there, or is not what was put there. */
export async function contentOf(from: Bucket, row: PayloadRow): Promise<Buffer> {
  const object = await from.get(nameOf(row));
  if (!object) throw new GoneError("Its body is not in the storage for payloads any more.");
  return openBytes(row, object);
}

const unavailable = (why: string) =>
  new Refusal("unavailable", `The body lies apart and cannot be read now. ${why} Try again.`, undefined, 10);
