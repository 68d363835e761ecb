import { database } from "@/db/client";
import { env, publicUrl } from "@/lib/env";
import { passOn } from "@/lib/http/pass-on";
import { secureAnswer } from "@/lib/http/security-headers";
import { inviteBodies } from "@/lib/inbox/refuse";
import { serveInbox } from "@/lib/inbox/serve";
import { log } from "@/lib/log";
import { http } from "@/lib/net/builtins";
import { answerProbe, type Probes } from "@/lib/probes/probes";
import { readiness } from "@/lib/probes/readiness";
import { askProbe } from "@/lib/probes/remote";
import { beat, tellLauncher } from "./parent";
import { databaseProblem, startProbes } from "./probes";
import { stopInOrder } from "./stop-server";
import { surviveErrors } from "./survive";
import { tidyAtRest } from "./tidy.mjs";

/**
 * The process at the door: takes messages by itself, with connections to the database of its own, and passes everything
 * else on to the web process. Whatever keeps that one busy, or takes it down, messages go on being accepted.
 */
surviveErrors();
tidyAtRest();
beat();
const { HOST, PORT, WEB_SOCKET } = env();
if (!WEB_SOCKET) throw new Error("WEB_SOCKET is not set: start Waybill with `npm start`, which chooses one.");
// Before anybody asks: what this pool is for.
database("accept");
const isDev = process.argv.includes("--dev");
const where = { isDev, isHttps: publicUrl(env()).startsWith("https:") };
const web = passOn(WEB_SOCKET, (request, response) => secureAnswer(request, response, where));

// Its own state alone: whatever the pages' process does, messages are accepted. How that one does is asked for by name.
const probes: Probes = {
  ...(await startProbes("inbox", databaseProblem(database(), "accept"))),
  "/livez/web": { role: "web", problem: readiness(() => askProbe(WEB_SOCKET, "/livez")) },
  "/readyz/web": { role: "web", problem: readiness(() => askProbe(WEB_SOCKET, "/readyz")) },
};

const server = http.createServer((request, response) => {
  if (!request.url?.startsWith("/i/")) {
    if (!answerProbe(probes, request, response)) web.request(request, response);
    return;
  }
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

server.listen(PORT, HOST, () => tellLauncher({ type: "ready" }));

stopInOrder(server, { endStreams: () => web.endStreams(), after: () => web.close() });
