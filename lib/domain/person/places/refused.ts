import { sql } from "drizzle-orm";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { readBody } from "@/lib/body/read";
import { firstThatFit, type Item, type Place } from "./place";
import { lookInRequest, type StoredRequest } from "./request";

const pageRequests = 200;
const pageBytes = 1_000_000;

type Stored = Omit<StoredRequest, "body" | "format" | "reading" | "view"> & {
  id: string;
  body: Uint8Array | null;
  other: string;
  messageId: string | null;
  receivedAt: Date | string;
};

/** Requests that were refused, as they were sent. */
export const refusedPlace: Place = {
  name: "refused requests",
  async page({ db, projectId, until, cursor, finder }) {
    const ofProject = keyset([[sql`q.project_id`, projectId]], sql`q.id`, {
      after: cursor ?? undefined,
      before: until,
    });
    const found = await rows<{ id: string; bytes: number }>(
      db,
      sql`select q.id, q.kept as bytes from refused_requests q
          where ${ofProject.where} order by ${ofProject.oldestFirst} limit ${pageRequests}`,
    );
    const page = firstThatFit(found, pageBytes).map(({ id }) => id);
    const stored = await rows<Stored>(
      db,
      sql`select q.id, q.path, q.query::text as query, q.headers::text as headers, q.content_type as "contentType", q.body, q.preview,
            concat_ws(E'\n', q.detail, q.parameters::text) as other, q.message_id as "messageId", q.received_at as "receivedAt"
          from refused_requests q where q.project_id = ${projectId} and q.id = any(${sql.param(page)}::uuid[]) order by q.id`,
    );
    const items: Item[] = [];
    for (const { id, other, messageId, receivedAt, ...request } of stored) {
      const where = await lookInRequest(finder, await asRead(request));
      where.add("query", await finder.json(other));
      if (!where.isFound) continue;
      items.push({
        kind: "refused",
        itemId: id,
        via: "found",
        places: where.places,
        excerpt: where.excerpt,
        at: new Date(receivedAt),
        messageId,
      });
    }
    const isLast = found.length < pageRequests && page.length === found.length;
    return { items, seen: page.length, cursor: isLast ? null : (page.at(-1) ?? null) };
  },
};

/** The request as the inbox would have read it. What it could not read is looked through as it is. */
async function asRead(
  request: Omit<Stored, "id" | "other" | "messageId" | "receivedAt">,
): Promise<StoredRequest> {
  const { body, contentType, headers } = request;
  const bytes = body ?? new Uint8Array();
  const { "content-encoding": contentEncoding = null } = JSON.parse(headers) as Record<string, string>;
  const read = await readBody(bytes, { contentType, contentEncoding }, nodeDecoders);
  if ("refused" in read) return { ...request, body: bytes, format: "binary", reading: null, view: null };
  return { ...request, body: bytes, format: read.format, reading: read.reading, view: read.view };
}
