import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import next from "next";
import { database } from "@/db/client";
import { env } from "@/lib/env";
import { allowedAt } from "@/lib/http/api-methods";
import { wrongMethod } from "@/lib/http/errors";
import { isForwarded } from "@/lib/http/forwarded";
import { inviteBodies } from "@/lib/inbox/refuse";
import { serveInbox } from "@/lib/inbox/serve";
import { notifier } from "@/lib/live/shared";
import { log } from "@/lib/log";
import { exitWithParent } from "./parent";

/**
 * The web process: Next's pages and routes, with the inbox in front of them. A Next route costs a millisecond before
 * our code runs; `accept` does not need it.
 */
const isDev = process.argv.includes("--dev");
const { HOST, PORT } = env();
const app = next({ dev: isDev, hostname: HOST, port: PORT, dir: process.cwd() });
await app.prepare();
const handleNext = app.getRequestHandler();

const server = createServer((request, response) => {
  const isInbox = request.url?.startsWith("/i/");
  if (refuseMethod(request, response)) return;
  if (!isInbox) {
    // Server components know no path, which the sign-in page leads back to, and no peer, which attempts count against.
    request.headers["x-waybill-path"] = request.url;
    request.headers["x-waybill-peer"] = request.socket.remoteAddress;
    request.headers["x-waybill-forwarded"] = isForwarded(request.headers) ? "yes" : "no";
  }
  const handled = isInbox ? serveInbox(request, response) : handleNext(request, response);
  handled.catch((error) => {
    log.error("request failed", { error, path: isInbox ? "/i/…" : request.url });
    if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
    response.end('{"error":"Internal Server Error"}');
  });
});
inviteBodies(server);

/** Answers a method that a route of the API does not take. */
function refuseMethod({ url = "/", method = "GET" }: IncomingMessage, response: ServerResponse): boolean {
  const allow = url.startsWith("/api/") ? allowedAt(url.split("?")[0] ?? url) : undefined;
  if (!allow || allow.includes(method)) return false;
  response.writeHead(405, { allow: allow.join(", "), "content-type": "application/json" });
  response.end(JSON.stringify(wrongMethod(allow)));
  return true;
}

// Slow senders may not hold a connection for ever; event streams have no such limit once they run.
server.requestTimeout = 60_000;
server.headersTimeout = 20_000;
server.keepAliveTimeout = 65_000;
if (isDev) server.on("upgrade", app.getUpgradeHandler());

server.listen(PORT, HOST, () => process.send?.({ type: "ready" }));

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  // Requests in flight finish; event streams never would.
  setTimeout(() => server.closeAllConnections(), 2_000).unref();
  await closed;
  await notifier().settle();
  await database().close();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
exitWithParent(stop);
