import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "@/db/client";
import { takenIds } from "@/db/schema";
import type { IdKind } from "@/lib/words";

export type NamedId = { id: string; kind: IdKind };

/**
 * Takes ids (lower case) for a project, for ever; those that were taken for it before, as the same kind, are its own.
 * Returns the ids that it cannot have: the caller refuses, and says the same whether they are in use, were, or are
 * another kind's. Of two transactions that take the same id, the second waits for the first.
 */
export async function takeIds(tx: Db, projectId: string, wanted: NamedId[]): Promise<string[]> {
  const ids = wanted.map(({ id }) => id);
  const rows = await tx
    .select({ id: takenIds.id, kind: takenIds.kind })
    .from(takenIds)
    .where(and(inArray(takenIds.id, ids), eq(takenIds.projectId, projectId)));
  const own = new Set(rows.map(keyOf));
  const others = wanted.filter((one) => !own.has(keyOf(one)));
  return takeNewIds(tx, projectId, others);
}

/** The same for ids that nobody may have had before, the project neither. */
export async function takeNewIds(tx: Db, projectId: string, wanted: NamedId[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  // In one order everywhere, so that two transactions never wait for each other.
  const inOrder = wanted.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rows = await tx
    .insert(takenIds)
    .values(inOrder.map(({ id, kind }) => ({ id, kind, projectId })))
    .onConflictDoNothing()
    .returning({ id: takenIds.id, kind: takenIds.kind });
  const taken = new Set(rows.map(keyOf));
  return wanted.filter((one) => !taken.has(keyOf(one))).map(({ id }) => id);
}

const keyOf = ({ id, kind }: NamedId) => `${kind} ${id}`;
