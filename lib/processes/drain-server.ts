import type { Server, ServerResponse } from "node:http";
import net from "node:net";

/** Whoever keeps a connection and uses it within this hears that it ends, instead of finding it gone. */
const lingerMs = 500;
const lookMs = 25;

/** An HTTP server that can end without taking an answer from anybody. */
export type Drained = {
  /**
   * Lets nobody new in and answers the requests under way, also those that still come over connections that are kept, for
   * `drainMs` at most. `endStreams` is called again and again, `onOpen` with the number of requests as it changes. Resolves
   * when nobody is connected any more.
   */
  drain(how: { drainMs: number; endStreams(): void; onOpen(count: number): void }): Promise<void>;
  /** Waits for nobody. */
  hurry(): void;
};

/** Watches the requests of a server from now on, so that it can be drained. */
export function drainable(server: Server): Drained {
  const open = new Set<ServerResponse>();
  let isDraining = false;
  server.prependListener("request", (_request, response: ServerResponse) => {
    open.add(response);
    response.once("close", () => open.delete(response));
    if (isDraining) response.shouldKeepAlive = false;
  });
  return {
    async drain({ drainMs, endStreams, onOpen }) {
      isDraining = true;
      const began = performance.now();
      let isClosed = false;
      // The HTTP server's own `close` drops idle connections at once, of which one may be carrying a request already.
      net.Server.prototype.close.call(server, () => {
        isClosed = true;
      });
      for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
      let told = 0;
      while (!isClosed) {
        endStreams();
        const elapsed = performance.now() - began;
        if (elapsed > lingerMs) server.closeIdleConnections();
        if (elapsed > drainMs) server.closeAllConnections();
        if (open.size !== told) onOpen(open.size);
        told = open.size;
        await new Promise((resolve) => setTimeout(resolve, lookMs));
      }
    },
    hurry: () => server.closeAllConnections(),
  };
}
