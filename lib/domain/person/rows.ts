import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { personItems, personRequests } from "@/db/schema";
import { seal } from "@/lib/crypto/envelope";
import type { Announce } from "@/lib/queue/announce";
import { sendEvent } from "@/lib/queue/queue";
import { personContext } from "./keys";
import type { Item } from "./places/place";

export type RequestRow = typeof personRequests.$inferSelect;

/** What carries searches and wipes out. */
export type PersonHost = { db: Db; announce: Announce };

/** Which one, and for whose turn at it: somebody who was asked before the present turn leaves it. */
export type Asked = { requestId: string; projectId: string; turn?: number | undefined };

/** A search of the project; undefined when there is none. */
export async function readRequest(db: Db, { requestId, projectId }: Asked): Promise<RequestRow | undefined> {
  const [row] = await db
    .select()
    .from(personRequests)
    .where(and(eq(personRequests.id, requestId), eq(personRequests.projectId, projectId)));
  return row;
}

/** Locks it. Whether it is still where it was read: nobody has ended it, or done the same meanwhile. */
export async function isStill(tx: Db, { id, projectId, state, place, cursor }: RequestRow): Promise<boolean> {
  const [now] = await tx
    .select({ state: personRequests.state, place: personRequests.place, cursor: personRequests.cursor })
    .from(personRequests)
    .where(and(eq(personRequests.id, id), eq(personRequests.projectId, projectId)))
    .for("no key update");
  return now?.state === state && now.place === place && now.cursor === cursor;
}

export async function update(
  tx: Db,
  { id, projectId }: { id: string; projectId: string },
  values: Partial<RequestRow>,
): Promise<void> {
  await tx
    .update(personRequests)
    .set({ ...values, beatAt: sql`clock_timestamp()` })
    .where(and(eq(personRequests.id, id), eq(personRequests.projectId, projectId)));
}

/**
 * Keeps what was found. What was wiped and holds a key again is said to be there. Returns how many things were not
 * known before.
 */
export async function keepItems(tx: Db, request: RequestRow, items: readonly Item[]): Promise<number> {
  if (items.length === 0) return 0;
  const { id: requestId, projectId } = request;
  const kept = await tx
    .insert(personItems)
    .values(
      items.map(({ excerpt, ...item }) => ({
        ...item,
        requestId,
        projectId,
        excerpt: excerpt ? seal(excerpt, personContext(projectId)) : null,
      })),
    )
    .onConflictDoUpdate({
      target: [personItems.requestId, personItems.kind, personItems.itemId],
      set: { wipedAt: null, isChosen: false },
      setWhere: sql`person_items.wiped_at is not null and excluded.via = 'found'`,
    })
    .returning({ isNew: sql<boolean>`xmax = 0` });
  return kept.filter(({ isNew }) => isNew).length;
}

/** Throws away what the person is known by, and what stands around it. */
export async function forgetKeys(tx: Db, { id, projectId }: RequestRow): Promise<void> {
  await tx
    .update(personItems)
    .set({ excerpt: null })
    .where(
      and(eq(personItems.requestId, id), eq(personItems.projectId, projectId), sql`excerpt is not null`),
    );
}

/** Puts it into the hands of whoever comes next; whoever was asked before leaves it. In a `write`. */
export async function beginTurn(tx: Db, { requestId, projectId }: Asked): Promise<void> {
  const [row] = await tx
    .update(personRequests)
    .set({ turn: sql`${personRequests.turn} + 1`, beatAt: sql`clock_timestamp()` })
    .where(and(eq(personRequests.projectId, projectId), eq(personRequests.id, requestId)))
    .returning({ turn: personRequests.turn });
  if (row) await sendEvent(tx, projectId, "person/requested", { requestId, projectId, turn: row.turn });
}

/** The newest id that there can be now. */
export async function newestId(db: Db): Promise<string> {
  const [now] = await rows<{ id: string }>(db, sql`select uuid_v7() as id`);
  if (!now) throw new Error("The database gave no id.");
  return now.id;
}
