import type { Row } from "@/db/client";
import { statement } from "@/db/statement";
import { limits } from "@/lib/limits";
import { sqlJson } from "@/lib/sql-json";
import { withoutNul } from "@/lib/text";
import type { RefusalCause, RefusedOf } from "@/lib/words";
import { targetOf } from "./statement";

/** A request that made no message, to be kept for a day. */
export type RefusedRow = {
  /** The id in the URL. */
  urlId: string;
  /** The name behind it that may be a trigger's custom path. */
  customPath: string | null;
  cause: RefusalCause;
  of: RefusedOf;
  detail: string | null;
  /** Of a repeat: the message that came first. */
  messageId: string | null;
  status: number;
  method: string;
  path: string[];
  /** JSON text. */
  query: string;
  parameters: [string, string][] | undefined;
  headers: Record<string, string>;
  /** Null where nobody needs it. */
  body: Uint8Array | null;
  /** Bytes that were sent. */
  size: number;
};

type Host = { query<T extends Row>(text: string, values: unknown[], name?: string): Promise<T[]> };

/**
 * Keeps a request that was refused, within the bounds of its project: a number of requests and of bytes, for strangers,
 * senders and repeats each. A large body is left out. Returns whether there was room; "unknown" when the URL is nobody's.
 */
export async function keepRefused(host: Host, row: RefusedRow): Promise<"kept" | "full" | "unknown"> {
  const { parameters, headers, ...plain } = row;
  const shown = sqlJson(withoutCredentials(headers));
  const body = row.body && row.body.length <= limits.refusedBody ? row.body : null;
  const values = keeping.values({
    ...plain,
    parameters: parameters ? sqlJson(parameters) : null,
    headers: shown,
    contentType: headers["content-type"] ?? null,
    body,
    preview: headers["content-encoding"] === undefined && row.body ? previewOf(row.body) : "",
    kept: (body?.length ?? 0) + shown.length + row.query.length,
  });
  const [found] = await host.query<{ isKept: boolean }>(keeping.text, values, "inbox-keep-refused");
  if (!found) return "unknown";
  return found.isKept ? "kept" : "full";
}

type Kept = Omit<RefusedRow, "parameters" | "headers"> & {
  parameters: string | null;
  headers: string;
  contentType: string | null;
  preview: string;
  kept: number;
};

/** How much is kept is asked by one text, which only one index has: no other can seem to serve. */
const keeping = statement<Kept>(
  (p) => `
with ${targetOf(p.urlId, p.customPath)},
room as (
  select count(*) as requests, coalesce(sum(x.kept), 0) as bytes from target cross join lateral (
    select r.kept from refused_requests r
    where r.room = ${p.of} || ' ' || target.project_id limit ${limits.refusedRequests}
  ) x
),
kept as (
  insert into refused_requests (project_id, trigger_id, cause, room, detail, message_id, status, method, path, query, parameters,
    headers, content_type, body, size, kept, preview)
  select project_id, trigger_id, ${p.cause}, ${p.of} || ' ' || project_id, ${p.detail}, ${p.messageId}::uuid, ${p.status}::int, ${p.method},
    case when is_by_path then (${p.path}::text[])[2:] else ${p.path}::text[] end,
    ${p.query}::jsonb, ${p.parameters}::jsonb, ${p.headers}::jsonb || coalesce((
      select jsonb_object_agg(a.signature->>'header', '[REDACTED]') from auth_methods a
      where a.project_id = target.project_id and a.signature->>'preset' in ('header', 'kobo')
        and ${p.headers}::jsonb ? (a.signature->>'header')), '{}'),
    ${p.contentType}, ${p.body}::bytea, ${p.size}::int, ${p.kept}::int, ${p.preview}
  from target, room where room.requests < ${limits.refusedRequests} and room.bytes + ${p.kept}::int <= ${limits.refusedBytes}
  returning 1
)
select exists (select 1 from kept) as "isKept" from target`,
);

/** Wrong credentials may be right elsewhere, or nearly right: none is kept. */
function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  const { authorization } = headers;
  const scheme = authorization?.match(/^[A-Za-z][A-Za-z0-9-]* +(?=\S)/)?.[0].trim();
  return {
    ...headers,
    ...(authorization === undefined ? {} : { authorization: scheme ? `${scheme} [REDACTED]` : "[REDACTED]" }),
    ...(headers["x-api-key"] === undefined ? {} : { "x-api-key": "[REDACTED]" }),
  };
}

/** The beginning of what may be a text. */
const previewOf = (body: Uint8Array): string =>
  withoutNul(new TextDecoder().decode(body.subarray(0, 800)))
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
