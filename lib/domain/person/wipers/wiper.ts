import { type SQL, sql } from "drizzle-orm";
import type { Db, Sql } from "@/db/client";
import { queryOf, rows } from "@/db/rows";
import type { Finder } from "@/lib/domain/person/finder";
import type { Wiping } from "@/lib/domain/retention/wipe";

/** What is to be wiped of one kind, and by what the texts are told that hold a key. */
export type ToWipe = { projectId: string; requestId: string; finder: Finder; ids: string[] };

/** Wipes things in the caller's transaction. Returns the ids of those that need nothing more; the others wait for runs. */
export type Wiper = (tx: Db, wiped: ToWipe) => Promise<string[]>;

/** What stands where a text stood. */
export const wipedWord = "wiped";

export const idList = (ids: readonly string[]): SQL => sql`${sql.param([...ids])}::uuid[]`;

/** A transaction as what takes things away (lib/domain/retention/wipe.ts) is given it. */
export const sqlOf = (tx: Db): Sql => ({ query: queryOf(tx) });

export const wiping = (projectId: string): Wiping => ({ projectId, why: "person" });

/** Of these ids those for which a condition holds: SQL about `i.id`, which names the project. */
export async function those(tx: Db, ids: readonly string[], condition: SQL): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    sql`/* checked: the condition names the project */ select i.id from unnest(${idList(ids)}) i (id) where ${condition}`,
  );
  return found.map(({ id }) => id);
}

/** Lists of at most so many. */
export function* inParts<T>(list: readonly T[], most = 200): Generator<T[]> {
  for (let from = 0; from < list.length; from += most) yield list.slice(from, from + most);
}
