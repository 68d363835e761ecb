import type { Sql } from "@/db/client";
import type { Core } from "./runs";
import type { Item } from "./state";

/** `after` is the group with which the next claim's turns go on; `next` is in how many milliseconds something is due. */
export type ClaimResult = { items: Item[]; after: string; more: boolean; next: number | null };

type Asked = { owner: string; count: number; room: number; after: string };

/** Takes up to `room` calls that may start now. Null when the engine must register anew first. */
export async function claim(
  sql: Sql,
  { schema, index }: Core,
  { owner, count, room, after }: Asked,
): Promise<ClaimResult | null> {
  const [row] = await sql.query<{ result: ClaimResult | null }>(
    `select ${schema}.claim($1, $2, $3, $4, $5) as result`,
    [owner, count, room, index.ids, after],
    `${schema}.claim`,
  );
  return row?.result ?? null;
}
