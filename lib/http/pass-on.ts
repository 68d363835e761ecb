import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { http } from "@/lib/net/builtins";
import { isForwarded } from "./forwarded";

/** Headers of one connection, not of the request that it carries (RFC 9110, 7.6.1); and what the front answers itself. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
]);

/** What our own servers say to each other: never taken from outside. */
const ours = /^x-waybill-/;

/** Longer than the longest work that a request waits for, which is installing an adaptor; streams give a sign every second. */
const silenceMs = 10 * 60_000;

const bodyMethods = new Set(["POST", "PUT", "PATCH"]);
const retryAfterSeconds = 2;

export type PassOn = {
  /** Streams a request to the server behind the socket, and its answer back. Answers 503 when nobody is there. */
  request(request: IncomingMessage, response: ServerResponse, isAgain?: boolean): void;
  /** Hands a connection over that becomes another protocol (the development server's reloads). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the event streams that pass through, with the time after which to come again: they would never end. */
  endStreams(): void;
  close(): void;
};

/**
 * Passes requests on to the server that listens on the unix socket `socketPath`, over connections that are kept.
 * `prepare` puts headers on what is answered here; the server behind has its own.
 */
export function passOn(socketPath: string, prepare: RequestListener = () => {}): PassOn {
  const streams = new Set<() => void>();
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: "lifo" });
  const begin = (request: IncomingMessage, headers: string[]) =>
    http.request({
      socketPath,
      agent,
      method: request.method,
      path: request.url,
      timeout: silenceMs,
      // A flat list keeps case, order and repetitions as they came.
      headers: headers as unknown as OutgoingHttpHeaders,
    });
  return {
    request: function pass(request, response, isAgain = false) {
      const upstream = begin(request, requestHeaders(request));
      let isAnswered = false;
      const hangUp = () => void (response.writableFinished || upstream.destroy());
      response.once("close", hangUp);
      upstream.once("timeout", () => upstream.destroy(new Error("The page server is silent.")));
      upstream.once("response", (answer) => {
        isAnswered = true;
        response.writeHead(
          answer.statusCode ?? 502,
          answer.statusMessage ?? "",
          ownHeaders(answer, () => false),
        );
        // An event stream's first event may be far away.
        response.flushHeaders();
        answer.pipe(response);
        if (isEventStream(answer)) {
          const end = () => {
            streams.delete(end);
            answer.unpipe(response);
            // Without an empty line after it: that would make an event of one that was cut off here.
            response.end(`\nretry: ${comeAgainMs()}\n`);
            upstream.destroy();
          };
          streams.add(end);
          response.once("close", () => streams.delete(end));
        }
        // Cut short: the other end must not take it for the whole.
        answer.once("error", () => response.destroy());
      });
      upstream.once("error", (error: NodeJS.ErrnoException) => {
        if (isAnswered || response.headersSent) return void response.destroy();
        if (response.destroyed) return;
        response.off("close", hangUp);
        // A kept connection whose other end was gone before it was used.
        if (upstream.reusedSocket && !isAgain && isSafe(request)) return pass(request, response, true);
        prepare(request, response);
        refuse(request, response, isNobody(error));
      });
      request.pipe(upstream);
    },
    upgrade(request, socket, head) {
      socket.on("error", () => upstream.destroy());
      const upstream = begin(request, [
        ...requestHeaders(request),
        ...["connection", "upgrade", "upgrade", request.headers.upgrade ?? ""],
      ]);
      upstream.once("error", () => socket.destroy());
      upstream.once("response", () => socket.destroy());
      upstream.once("upgrade", (answer, other, first) => {
        const lines = pairsOf(answer.rawHeaders).map(([name, value]) => `${name}: ${value}`);
        socket.write(`HTTP/1.1 101 ${answer.statusMessage}\r\n${lines.join("\r\n")}\r\n\r\n`);
        join(socket, other, head, first);
      });
      upstream.end();
    },
    endStreams: () => {
      for (const end of [...streams]) end();
    },
    close: () => agent.destroy(),
  };
}

const isEventStream = ({ headers }: IncomingMessage): boolean =>
  headers["content-type"]?.startsWith("text/event-stream") ?? false;

/** Not everybody at once. */
const comeAgainMs = (): number => 1_000 + Math.round(Math.random() * 2_000);

/** Whether a request may be sent twice: nothing changes by it, and there is no body that has begun to leave. */
const isSafe = ({ method }: IncomingMessage): boolean => method === "GET" || method === "HEAD";

/** Whether nobody listens, so that nothing can have been done. */
const isNobody = ({ code }: NodeJS.ErrnoException): boolean =>
  code === "ECONNREFUSED" || code === "ENOENT" || code === "EAGAIN";

function requestHeaders(request: IncomingMessage): string[] {
  const headers = ownHeaders(request, (name) => ours.test(name));
  headers.push("x-waybill-peer", request.socket.remoteAddress ?? "");
  headers.push("x-waybill-forwarded", isForwarded(request.headers) ? "yes" : "no");
  if (request.headers["transfer-encoding"] !== undefined) headers.push("transfer-encoding", "chunked");
  else if (bodyMethods.has(request.method ?? "") && request.headers["content-length"] === undefined)
    headers.push("content-length", "0");
  return headers;
}

/** A message's own headers as they came, without its connection's and those that `isDropped` names in lower case. */
function ownHeaders(message: IncomingMessage, isDropped: (name: string) => boolean): string[] {
  const named = new Set((message.headers.connection ?? "").split(",").map((one) => one.trim().toLowerCase()));
  const kept: string[] = [];
  for (const [name, value] of pairsOf(message.rawHeaders)) {
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !named.has(lower) && !isDropped(lower)) kept.push(name, value);
  }
  return kept;
}

function pairsOf(raw: string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
}

function join(one: Duplex, other: Socket, oneHead: Buffer, otherHead: Buffer): void {
  if (oneHead.length > 0) other.write(oneHead);
  if (otherHead.length > 0) one.write(otherHead);
  one.pipe(other).pipe(one);
  for (const [mine, theirs] of [
    [one, other],
    [other, one],
  ] as const) {
    mine.on("error", () => theirs.destroy());
    mine.on("close", () => theirs.destroy());
  }
}

/** Says that no page can be had: 503 when nothing was done, 502 when the answer was lost and it may have been. */
function refuse(request: IncomingMessage, response: ServerResponse, isUntouched: boolean): void {
  const message = isUntouched
    ? `Waybill's pages are starting. Please try again in ${retryAfterSeconds} seconds.`
    : "The page server ended before it answered. What was asked for may have been done: look before you try again.";
  const isApi = request.url?.startsWith("/api/");
  const body = isApi
    ? JSON.stringify({ error: { code: "unavailable", message } })
    : `<!doctype html><meta charset="utf-8"><title>Waybill</title><p>${message}</p>\n`;
  response.writeHead(isUntouched ? 503 : 502, {
    "content-type": isApi ? "application/json" : "text/html; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    connection: "close",
    ...(isUntouched ? { "retry-after": String(retryAfterSeconds) } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  // What is still on its way is thrown away: closing before would take the answer from who is still sending.
  request.unpipe().resume();
}
