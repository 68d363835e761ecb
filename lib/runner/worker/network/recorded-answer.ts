import { doorHost } from "@/lib/runner/door-name";

type Recorded = { host: string; method: string; path: string };

/** What a dry run answers in the place of whoever would be asked: an empty success; of collections, which are empty then. */
export function recordedAnswer({ host, method, path }: Recorded): string {
  if (host !== doorHost || method === "HEAD") return answer("200 OK", method === "HEAD" ? null : "{}");
  const [, , key] = path.split("?")[0]?.split("/").filter(Boolean) ?? [];
  if (method === "DELETE") return answer("200 OK", '{"deleted":0,"error":null}');
  if (method !== "GET") return answer("200 OK", '{"upserted":0,"error":null}');
  return key === undefined
    ? answer("200 OK", '{"items":[],"cursor":null}')
    : "HTTP/1.1 204 No Content\r\n\r\n";
}

/** Without a body, as long as the one that there would be. */
const answer = (status: string, body: string | null): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body?.length ?? 2}\r\n\r\n${body ?? ""}`;
