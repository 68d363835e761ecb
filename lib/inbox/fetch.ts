import { securityHeaders } from "@/lib/http/security-headers";
import { accept, type InboxHost } from "./accept";

/** Headers that Next and our server add for themselves; a receipt shows what the sender sent. */
const added = /^(x-forwarded-(host|port|proto|for)|x-middleware-|x-invoke-|x-matched-path|x-waybill-|next-)/;

/**
 * `accept` for hosts that speak Request and Response: the Next route and its edge twin. `prefix` precedes the id;
 * `addedParameter` is a query parameter that the sender did not send.
 */
export async function acceptFetch(
  request: Request,
  prefix: string,
  host: InboxHost,
  { addedParameter }: { addedParameter?: string } = {},
): Promise<Response> {
  const url = new URL(request.url);
  if (addedParameter && url.searchParams.has(addedParameter)) url.searchParams.delete(addedParameter);
  const answer = await accept(
    {
      method: request.method,
      segments: segmentsOf(url.pathname.slice(prefix.length)),
      rawPath: url.pathname,
      search: url.search,
      headers: Object.fromEntries([...request.headers].filter(([name]) => !added.test(name))),
      body: request.body,
      signal: request.signal,
    },
    host,
  );
  answer.sent?.();
  return new Response(withoutBody.has(answer.status) || request.method === "HEAD" ? null : answer.body, {
    status: answer.status,
    headers: { ...safeguards, ...answer.headers },
  });
}

/** Statuses that a Response has no body with. */
const withoutBody = new Set([204, 205, 304]);

/** Our own server says them too; the edge has nobody in front. */
const safeguards = securityHeaders({ path: "/i/", nonce: "", isHttps: false });

/** Path segments, decoded where they can be. */
export const segmentsOf = (path: string): string[] =>
  path
    .split("/")
    .filter(Boolean)
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        return segment;
      }
    });
