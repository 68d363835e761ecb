import { createServer } from "node:http";
import { database } from "@/db/client";
import { env, publicUrl } from "@/lib/env";
import { passOn } from "@/lib/http/pass-on";
import { secureAnswer } from "@/lib/http/security-headers";
import { inviteBodies } from "@/lib/inbox/refuse";
import { serveInbox } from "@/lib/inbox/serve";
import { log } from "@/lib/log";
import { stopInOrder } from "./stop-server";

/**
 * The process at the door: takes messages by itself, with connections to the database of its own, and passes everything
 * else on to the web process. Whatever keeps that one busy, or takes it down, messages go on being accepted.
 */
const { HOST, PORT, WEB_SOCKET } = env();
if (!WEB_SOCKET) throw new Error("WEB_SOCKET is not set: start Waybill with `npm start`, which chooses one.");
// Before anybody asks: what this pool is for.
database("accept");
const isDev = process.argv.includes("--dev");
const where = { isDev, isHttps: publicUrl(env()).startsWith("https:") };
const web = passOn(WEB_SOCKET, (request, response) => secureAnswer(request, response, where));

const server = createServer((request, response) => {
  if (!request.url?.startsWith("/i/")) return web.request(request, response);
  secureAnswer(request, response, where);
  serveInbox(request, response).catch((error) => {
    log.error("request failed", { error, path: "/i/…" });
    if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
    response.end('{"error":"Internal Server Error"}');
  });
});
inviteBodies(server);

// Slow senders may not hold a connection for ever; event streams have no such limit once they run.
server.requestTimeout = 60_000;
server.headersTimeout = 20_000;
server.keepAliveTimeout = 65_000;
if (isDev) server.on("upgrade", web.upgrade);

server.listen(PORT, HOST, () => process.send?.({ type: "ready" }));

stopInOrder(server, () => web.close());
