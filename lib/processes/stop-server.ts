import type { Server } from "node:http";
import { database } from "@/db/client";
import { notifier } from "@/lib/live/shared";
import { exitWithParent } from "./parent";
import { beginStopping } from "./stopping";

/** What is in flight finishes within this; event streams never would. */
const graceMs = 2_000;

/**
 * Ends this process in order when it is told to, or when the launcher is gone: no new connections, requests in flight
 * finish, what was announced is told, the pool closes. `after` is called once the last request is over.
 */
export function stopInOrder(server: Server, after: () => void = () => {}): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    beginStopping();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), graceMs).unref();
    await closed;
    after();
    await notifier().settle();
    await database().close();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  exitWithParent(stop);
}
