import type { Server } from "node:http";
import { http } from "@/lib/net/builtins";
import { answerProbe, type Probes } from "./probes";

/** More at once than any balancer asks. */
const maxConnections = 64;
const patienceMs = 5_000;

/**
 * Answers a process's probes at an address of their own, until the process ends: also while it drains and its other
 * listeners take nobody any more. Keeps no process alive. Rejects when nothing can listen there.
 */
export async function serveProbes(address: { host: string; port: number }, probes: Probes): Promise<Server> {
  const server = http.createServer((request, response) => {
    if (!answerProbe(probes, request, response)) response.writeHead(404, { "content-length": 0 }).end();
  });
  server.maxConnections = maxConnections;
  server.requestTimeout = patienceMs;
  server.headersTimeout = patienceMs;
  server.keepAliveTimeout = patienceMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, resolve);
  });
  server.on("error", () => {});
  return server.unref();
}
