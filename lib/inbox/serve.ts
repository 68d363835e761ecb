import type { IncomingMessage, ServerResponse } from "node:http";
import { accept } from "./accept";
import { segmentsOf } from "./fetch";
import { nodeInboxHost } from "./host";
import { endUnread } from "./refuse";
import { sendingMs } from "./reply";

/** Answers a request below `/i/` without going through Next. */
export async function serveInbox(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const method = request.method ?? "GET";
  const answer = await accept(
    {
      method,
      segments: segmentsOf(path.slice("/i/".length)),
      rawPath: path,
      search: mark < 0 ? "" : url.slice(mark),
      headers: headersOf(request),
      // Whoever stops reading early must not close the connection: the answer is still to be read.
      body: method === "POST" ? request.iterator({ destroyOnReturn: false }) : null,
      get signal() {
        return goneWith(response);
      },
    },
    await nodeInboxHost(),
  );
  if (response.destroyed) return answer.sent?.();
  if (answer.sent) whenSent(response, answer.sent);
  const length = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(bodiless.has(answer.status) ? {} : { "content-length": length }),
  });
  if (method === "POST" && !request.complete) return endUnread(request, response, answer.body);
  response.end(method === "HEAD" ? undefined : answer.body);
}

/** Answers that have no length either. */
const bodiless = new Set([204, 304]);

/** Made for those who wait for an answer alone. */
function goneWith(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  else response.once("close", () => gone.abort());
  return gone.signal;
}

/** Whoever does not read the answer in time loses it. */
function whenSent(response: ServerResponse, sent: () => void): void {
  const timer = setTimeout(() => response.destroy(), sendingMs);
  response.once("close", () => {
    clearTimeout(timer);
    sent();
  });
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in request.headers) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}
