import type { Row } from "@/db/client";
import { statement } from "@/db/statement";
import { limits } from "@/lib/limits";
import { sqlJson } from "@/lib/sql-json";
import { withoutNul } from "@/lib/text";
import type { RefusalCause, RefusedOf } from "@/lib/words";
import { target } from "./statement";

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
  /** Null where nobody needs it, and where it is too large. */
  body: Uint8Array | null;
  /** Its beginning, which is shown. */
  start: Uint8Array;
  /** Bytes that were sent. */
  size: number;
  /** By which redactions the rest is as it may be kept, JSON as `UrlRules` has it; null for none. */
  redactions: string | null;
};

type Host = { query<T extends Row>(text: string, values: unknown[], name?: string): Promise<T[]> };

/**
 * Keeps a request that was refused, within the bounds of its project: a number of requests and of bytes, for strangers,
 * senders and repeats each. A large body is left out. Returns whether there was room; "unknown" when the URL is nobody's.
 */
export async function keepRefused(host: Host, row: RefusedRow): Promise<"kept" | "full" | "unknown"> {
  const { start, ...plain } = row;
  const headers = sqlJson(withoutCredentials(row));
  const parameters = row.parameters ? sqlJson(row.parameters) : null;
  const texts = [headers, row.query, parameters ?? ""];
  const values = keeping.values({
    ...plain,
    parameters,
    headers,
    contentType: row.headers["content-type"] ?? null,
    preview: row.headers["content-encoding"] === undefined ? previewOf(start) : "",
    kept:
      (row.body?.length ?? 0) +
      texts.reduce((sum, text) => sum + text.length, 0) +
      row.path.reduce((sum, segment) => sum + segmentOverhead + segment.length, 0),
  });
  const [found] = await host.query<{ isKept: boolean }>(keeping.text, values, "inbox-keep-refused");
  if (!found) return "unknown";
  return found.isKept ? "kept" : "full";
}

type Kept = Omit<RefusedRow, "parameters" | "headers" | "start"> & {
  parameters: string | null;
  headers: string;
  contentType: string | null;
  preview: string;
  kept: number;
};

/** What a segment of a path takes besides itself, about, bytes: there may be thousands of the shortest. */
const segmentOverhead = 8;

const startBytes = 800;

/** What is kept of a body: nothing of a large one but its beginning, also while it waits to be kept. */
export const keptOf = (bytes: Uint8Array): Pick<RefusedRow, "body" | "start"> => ({
  body: bytes.length <= limits.refusedBody ? bytes : null,
  start: bytes.slice(0, startBytes),
});

export const nothingKept: Pick<RefusedRow, "body" | "start"> = { body: null, start: new Uint8Array() };

/** How much is kept is asked by one text, which only one index has: no other can seem to serve. */
const keeping = statement<Kept>(
  (p) => `
with ${target(p.urlId, p.customPath)},
room as (
  select count(*) as requests, coalesce(sum(x.kept), 0) as bytes from target cross join lateral (
    select r.kept from refused_requests r
    where r.room = ${p.of} || ' ' || target.project_id limit ${limits.refusedRequests}
  ) x
),
/* What was redacted by others than the URL's is not kept. */
allowed as (
  select target.*, coalesce(rules->'redactions', 'null') = coalesce(${p.redactions}::jsonb, 'null') as is_allowed from target
),
kept as (
  insert into refused_requests (project_id, trigger_id, cause, room, detail, message_id, status, method, path, query, parameters,
    headers, content_type, body, size, kept, preview)
  select project_id, trigger_id, ${p.cause}, ${p.of} || ' ' || project_id, ${p.detail}, ${p.messageId}::uuid, ${p.status}::int, ${p.method},
    case when not is_allowed then '{}' when is_by_path then (${p.path}::text[])[2:] else ${p.path}::text[] end,
    case when is_allowed then ${p.query}::jsonb else '{}' end, case when is_allowed then ${p.parameters}::jsonb end,
    case when is_allowed then ${p.headers}::jsonb else '{}' end || coalesce((
      select jsonb_object_agg(a.signature->>'header', '[REDACTED]') from auth_methods a
      where a.project_id = allowed.project_id and a.signature->>'preset' in ('header', 'kobo')
        and ${p.headers}::jsonb ? (a.signature->>'header')), '{}'),
    ${p.contentType}, case when is_allowed then ${p.body}::bytea end, ${p.size}::int, ${p.kept}::int,
    case when is_allowed then ${p.preview} else '' end
  from allowed, room where room.requests < ${limits.refusedRequests} and room.bytes + ${p.kept}::int <= ${limits.refusedBytes}
  returning 1
)
select exists (select 1 from kept) as "isKept" from target`,
);

/** Schemes of Authorization: what else stands there first may be the secret itself. */
const schemes = /^(Basic|Bearer|Digest|Token|ApiKey|HMAC|Negotiate|NTLM|AWS4-HMAC-SHA256) +(?=\S)/i;
/** Headers and parameters that carry secrets at other places. */
const secretName =
  /(^|[^a-z])(auth|(access|api|auth|bot)?token|(api|access|auth|secret|private|functions?)[-_]?key|secret|passw(or)?d|passphrase|pwd|credentials?)([^a-z]|$)/;
const isSecretName = (name: string): boolean =>
  secretName.test(name.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase());

/** A stranger's query: whatever was to let it in may be right elsewhere. */
export const withoutSecrets = (fields: [string, string][]): [string, string][] =>
  fields.map(([name, value]) => [name, isSecretName(name) ? "[REDACTED]" : value]);

/**
 * Wrong credentials may be right elsewhere, or nearly right: none is kept. A stranger may have taken this URL for another
 * one.
 */
export function withoutCredentials({
  headers,
  of,
}: Pick<RefusedRow, "headers" | "of">): Record<string, string> {
  const { authorization } = headers;
  const scheme = authorization?.match(schemes)?.[0].trim();
  const secrets = of === "stranger" ? Object.keys(headers).filter(isSecretName) : [];
  return {
    ...headers,
    ...Object.fromEntries(secrets.map((name) => [name, "[REDACTED]"])),
    ...(authorization === undefined ? {} : { authorization: scheme ? `${scheme} [REDACTED]` : "[REDACTED]" }),
    ...(headers["x-api-key"] === undefined ? {} : { "x-api-key": "[REDACTED]" }),
  };
}

/** The beginning of what may be a text. */
const previewOf = (start: Uint8Array): string =>
  withoutNul(new TextDecoder().decode(start)).replace(/\s+/g, " ").trim().slice(0, 200);
