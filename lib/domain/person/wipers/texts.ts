import { type SQL, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { type Finder, parsed } from "@/lib/domain/person/finder";
import { ExactNumber } from "@/lib/exact-json";
import { sqlJson } from "@/lib/sql-json";
import { idList, type ToWipe, type Wiper, wipedWord } from "./wiper";

/** A table with `id` and `project_id`, and its columns of text and of JSON. */
type Texts = { table: string; text?: string[]; json?: string[] };

/** Replaces the texts that hold a key, and nothing else. */
export async function wipeTexts(
  tx: Db,
  { projectId, finder, ids }: ToWipe,
  { table, text = [], json = [] }: Texts,
): Promise<void> {
  const selected = sql.raw([...text, ...json].map((column) => `"${column}"::text as "${column}"`).join(", "));
  const found = await rows<{ id: string } & Record<string, string | null>>(
    tx,
    sql`/* checked: by its condition */ select id, ${selected} from ${sql.raw(table)}
        where id = any(${idList(ids)}) and project_id = ${projectId} order by id for update`,
  );
  for (const { id, ...row } of found) {
    const sets: SQL[] = [];
    for (const column of text)
      if (finder.text(row[column] ?? "")) sets.push(sql`${sql.identifier(column)} = ${wipedWord}`);
    for (const column of json) {
      const stored = row[column];
      if (stored && (await finder.json(stored)))
        sets.push(sql`${sql.identifier(column)} = ${sqlJson(withoutKeys(finder, parsed(stored)))}::jsonb`);
    }
    if (sets.length === 0) continue;
    await tx.execute(
      sql`/* checked: by its condition */ update ${sql.raw(table)} set ${sql.join(sets, sql`, `)} where id = ${id}::uuid and project_id = ${projectId}`,
    );
  }
}

/** The same for whatever waits for nothing. */
export const texts =
  (of: Texts): Wiper =>
  async (tx, wiped) => {
    await wipeTexts(tx, wiped, of);
    return wiped.ids;
  };

/** JSON data with the texts, numbers and names of fields that hold a key replaced. */
export function withoutKeys(finder: Finder, value: unknown): unknown {
  if (typeof value === "string" || typeof value === "number" || value instanceof ExactNumber) {
    if (finder.text(String(value))) return wipedWord;
    return value instanceof ExactNumber ? value.toJSON() : value;
  }
  if (Array.isArray(value)) return value.map((one) => withoutKeys(finder, one));
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([name, one], place) => [
      finder.text(name) ? `${wipedWord} ${place}` : name,
      withoutKeys(finder, one),
    ]),
  );
}
