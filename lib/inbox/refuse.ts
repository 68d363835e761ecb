import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { env } from "@/lib/env";

/** How much of a refused body is read and thrown away, and for how long, before its connection is cut. */
const maxDrainBytes = 64 * 1024 * 1024;
const maxDrainMs = 10_000;

/** Requests whose body nobody asked for: they wait for `100 Continue` and get their answer instead. */
const uninvited = new WeakSet<IncomingMessage>();

/**
 * Asks for the bodies of requests that wait for `100 Continue`, except for those that say themselves that they are
 * larger than the inbox takes: these are answered before they are sent.
 */
export function inviteBodies(server: Server): void {
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (isTooLarge(request)) uninvited.add(request);
    else response.writeContinue();
    server.emit("request", request, response);
  });
}

const isTooLarge = ({ url, headers }: IncomingMessage): boolean =>
  url?.startsWith("/i/") === true && Number(headers["content-length"] ?? 0) > env().MAX_BODY_BYTES;

/**
 * Sends an answer to a request whose body has not been read to its end. Most clients read the answer only when they have
 * sent everything, and closing the connection before that resets it: the answer goes out at once, the rest of the
 * body is thrown away within bounds, and only then does the answer end and the connection close.
 */
export async function endUnread(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<void> {
  response.write(body);
  if (!uninvited.has(request)) await drained(request);
  response.end();
  if (!request.complete) request.socket.destroySoon();
}

/** Settles when the rest has been thrown away, or more of it came, or it took longer, than is granted. */
function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = maxDrainBytes;
    const timer = setTimeout(done, maxDrainMs);
    function done(): void {
      clearTimeout(timer);
      request.off("data", count).pause();
      resolve();
    }
    function count(chunk: Buffer): void {
      left -= chunk.length;
      if (left < 0) done();
    }
    for (const event of ["end", "close", "error"]) request.once(event, done);
    request.on("data", count).resume();
  });
}
