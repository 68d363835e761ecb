import type { Server, ServerResponse } from "node:http";
import net from "node:net";
import { database } from "@/db/client";
import { env } from "@/lib/env";
import { notifier } from "@/lib/live/shared";
import { exitWithParent, tellLauncher } from "./parent";
import { beginStopping } from "./stopping";

/** Whoever keeps a connection and uses it within this hears that it ends, instead of finding it gone. */
const lingerMs = 500;
const lookMs = 25;
/** A database that stands still must not hold us. */
const farewellMs = 2_000;

export type StopOptions = {
  /** Ends what would never end by itself: event streams. */
  endStreams?: () => void;
  /** Called once the last request is over. */
  after?: () => void;
};

/**
 * Ends this process in order when it is told to, or when the launcher is gone: no new connections; requests under way,
 * also those that still come over connections that are kept, are answered, for WEB_DRAIN_MS at most; streams end; what was
 * announced is told, the pool closes. Told a second time, it waits for nobody.
 */
export function stopInOrder(
  server: Server,
  { endStreams = () => {}, after = () => {} }: StopOptions = {},
): void {
  const open = new Set<ServerResponse>();
  let stopped: Promise<void> | undefined;
  server.prependListener("request", (_request, response: ServerResponse) => {
    open.add(response);
    response.once("close", () => open.delete(response));
    if (stopped) response.shouldKeepAlive = false;
  });
  const stop = async (): Promise<void> => {
    beginStopping();
    await drain(server, open, endStreams);
    after();
    await Promise.race([notifier().settle().then(database().close), pause(farewellMs)]);
    process.exit(0);
  };
  const begin = () => {
    stopped ??= stop();
    return stopped;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (stopped) server.closeAllConnections();
      else void begin();
    });
  exitWithParent(begin);
}

async function drain(
  server: Server,
  open: ReadonlySet<ServerResponse>,
  endStreams: () => void,
): Promise<void> {
  const began = performance.now();
  let isClosed = false;
  // The HTTP server's own `close` would drop the idle connections at once, of which one may be carrying a request already.
  net.Server.prototype.close.call(server, () => {
    isClosed = true;
  });
  for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
  let told = 0;
  while (!isClosed) {
    endStreams();
    const elapsed = performance.now() - began;
    if (elapsed > lingerMs) server.closeIdleConnections();
    if (elapsed > env().WEB_DRAIN_MS) server.closeAllConnections();
    if (open.size !== told) tellLauncher({ type: "waiting", what: "requests", count: open.size });
    told = open.size;
    await pause(lookMs);
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
