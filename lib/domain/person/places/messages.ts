import { sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { queryOf, rows } from "@/db/rows";
import { type Placed, withBodiesLeft } from "@/lib/payloads/read";
import { firstThatFit, type Item, type Place, type Scan } from "./place";
import { lookInRequest, type StoredRequest } from "./request";

const pageMessages = 200;
const pageBytes = 1_000_000;

type Stored = StoredRequest & Placed & { id: string; resentFrom: string | null; receivedAt: Date | string };

/** The project's messages, oldest first: a copy comes after what it was made from. */
export const messagesPlace: Place = {
  name: "messages",
  async page(scan) {
    const { db, projectId, until, cursor } = scan;
    const ofProject = keyset([[sql`m.project_id`, projectId]], sql`m.id`, {
      after: cursor ?? undefined,
      before: until,
    });
    const found = await rows<{ id: string; bytes: number }>(
      db,
      sql`select m.id, (m.size::bigint + 5 * coalesce(pg_column_size(m.view), 0))::float8 as bytes from messages m
          where ${ofProject.where} order by ${ofProject.oldestFirst} limit ${pageMessages}`,
    );
    const page = firstThatFit(found, pageBytes).map(({ id }) => id);
    const stored = await rows<Stored>(
      db,
      sql`select m.id, m.path, m.query::text as query, m.headers::text as headers, m.content_type as "contentType", m.format, m.body, m.payload,
            m.view::text as view, m.reading, m.preview, m.resent_from as "resentFrom", m.received_at as "receivedAt"
          from messages m where m.project_id = ${projectId} and m.id = any(${sql.param(page)}::uuid[]) order by m.id`,
    );
    await withBodiesLeft(queryOf(db), projectId, stored);
    const items = await itemsOf(scan, stored);
    const isLast = found.length < pageMessages && page.length === found.length;
    return { items, seen: page.length, cursor: isLast ? null : (page.at(-1) ?? null) };
  },
};

async function itemsOf(scan: Scan, stored: Stored[]): Promise<Item[]> {
  const originals = new Set(
    await foundMessages(
      scan,
      stored.flatMap(({ resentFrom }) => resentFrom ?? []),
    ),
  );
  const items: Item[] = [];
  for (const message of stored) {
    const where = await lookInRequest(scan.finder, message);
    const isMade = scan.withMade && message.resentFrom !== null && originals.has(message.resentFrom);
    if (!where.isFound && !isMade) continue;
    originals.add(message.id);
    items.push({
      kind: "message",
      itemId: message.id,
      via: where.isFound ? "found" : "made",
      places: where.places,
      excerpt: where.excerpt,
      at: new Date(message.receivedAt),
      messageId: message.id,
    });
  }
  return items;
}

/** Those of these messages that are part of it. */
export async function foundMessages({ db, requestId, projectId }: Scan, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await rows<{ id: string }>(
    db,
    sql`select item_id as id from person_items where request_id = ${requestId}::uuid and kind = 'message'
        and item_id = any(${sql.param([...new Set(ids)])}::uuid[]) and project_id = ${projectId}`,
  );
  return found.map(({ id }) => id);
}
