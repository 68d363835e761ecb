import fs from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import next from "next";
import { database } from "@/db/client";
import { asWork, type Work } from "@/db/deadline";
import { env, publicUrl } from "@/lib/env";
import { allowedAt } from "@/lib/http/api-methods";
import { answerKept } from "@/lib/http/compress/kept";
import { CompressingResponse } from "@/lib/http/compress/response";
import { wrongMethod } from "@/lib/http/errors";
import { describeRequest, trustIn } from "@/lib/http/forwarded";
import { secureAnswer } from "@/lib/http/security-headers";
import { liveHub } from "@/lib/live/shared";
import { log } from "@/lib/log";
import { http } from "@/lib/net/builtins";
import { provideOpenApart } from "@/lib/portability/apart";
import { openInThreads } from "@/lib/portability/parse-thread";
import { answerProbe } from "@/lib/probes/probes";
import { provideCheckApart } from "@/lib/runner/compiler/apart";
import { CompileThread } from "@/lib/runner/compiler/compile-thread";
import { beat, tellLauncher } from "./parent";
import { databaseProblem, startProbes } from "./probes";
import { stopInOrder } from "./stop-server";
import { surviveErrors } from "./survive";
import { tidyAtRest } from "./tidy.mjs";

/**
 * The web process: Next's pages and routes. It listens on a unix socket, where only the process at the door calls
 * (inbox.ts), which says who its own caller is.
 */
surviveErrors();
tidyAtRest();
beat();
const isDev = process.argv.includes("--dev");
const { HOST, PORT, TRUSTED_PROXIES, WEB_SOCKET } = env();
if (!WEB_SOCKET) throw new Error("WEB_SOCKET is not set: start Waybill with `npm start`, which chooses one.");
const trust = trustIn(TRUSTED_PROXIES);
const where = { isDev, isHttps: publicUrl(env()).startsWith("https:") };
// Before anybody asks: what this pool is for.
database("act");
provideOpenApart(openInThreads(path.join(import.meta.dirname, "parse-thread.mjs")));
const compiler = new CompileThread({ timeoutMs: 20_000, maxWaiting: 200, heapMb: 512 });
provideCheckApart((projectId, source, options) => compiler.check(projectId, source, options));
const app = next({ dev: isDev, hostname: HOST, port: PORT, dir: process.cwd() });
await app.prepare();
const handleNext = app.getRequestHandler();
// From here on: nobody listens before Next is up.
const probes = await startProbes("web", databaseProblem(database(), "read"));

const server = http.createServer({ ServerResponse: CompressingResponse }, (request, response) => {
  if (answerProbe(probes, request, response)) return;
  secureAnswer(request, response, where);
  if (answerKept(request, response)) return;
  if (refuseMethod(request, response)) return;
  describeRequest(request, trust);
  asWork(workOf(request, response), () => handleNext(request, response)).catch((error) => {
    log.error("request failed", { error, path: request.url });
    if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
    response.end('{"error":"Internal Server Error"}');
  });
});

/** Pages stop reading when nobody waits for them. Routes of the API say more for themselves (lib/http/route.ts). */
function workOf({ method, url }: IncomingMessage, response: ServerResponse): Work {
  // What an Inngest server calls executes runs, whether it waits or not.
  if (url?.startsWith("/api/inngest")) return { kind: "background" };
  if (method !== "GET" && method !== "HEAD") return { kind: "act" };
  const client = new AbortController();
  response.once("close", () => response.writableFinished || client.abort());
  return { kind: "read", signal: client.signal };
}

/** Answers a method that a route of the API does not take. */
function refuseMethod({ url = "/", method = "GET" }: IncomingMessage, response: ServerResponse): boolean {
  const allow = url.startsWith("/api/") ? allowedAt(url.split("?")[0] ?? url) : undefined;
  if (!allow || allow.includes(method)) return false;
  response.writeHead(405, { allow: allow.join(", "), "content-type": "application/json" });
  response.end(JSON.stringify(wrongMethod(allow)));
  return true;
}

// The door has limits for slow senders. It keeps its connections, and closing one here would race with its next request.
server.requestTimeout = 0;
server.headersTimeout = 0;
server.keepAliveTimeout = 0;
if (isDev) server.on("upgrade", app.getUpgradeHandler());

server.listen(WEB_SOCKET, () => {
  fs.chmodSync(WEB_SOCKET, 0o600);
  tellLauncher({ type: "ready" });
});

stopInOrder(server, { endStreams: () => liveHub().endAll() });
