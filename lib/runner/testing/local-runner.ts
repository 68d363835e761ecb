import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { buildBuiltins } from "@/lib/runner/adaptors/builtins";
import { workerInspector } from "@/lib/runner/adaptors/inspector";
import type { LogLine, StepRequest, StepResult } from "@/lib/runner/contract";
import { createRunner, type LocalRunner, type RunnerOptions } from "@/lib/runner/host/runner";
import { shippedAdaptors } from "@/lib/shipped";

let builtins: Promise<string> | undefined;

/** Adaptors of our node_modules, built once a machine and source version. */
export function builtinAdaptors(): Promise<string> {
  const folder = path.join(os.tmpdir(), "waybill-test-adaptors");
  builtins ??= buildBuiltins(folder, { from: import.meta.url, inspector: workerInspector }).then(
    () => folder,
  );
  return builtins;
}

export async function testRunner(options: Partial<RunnerOptions> = {}): Promise<LocalRunner> {
  const adaptorDir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-adaptors-"));
  return createRunner({ adaptorDir, builtinDir: await builtinAdaptors(), ...options });
}

export { stepRequest } from "./step-request";
export const adaptors = shippedAdaptors;

export type Ran = StepResult & { logs: LogLine[]; state: unknown };

/** Runs a step to its end; `state` is the parsed output. */
export function runStep(runner: LocalRunner, request: StepRequest): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const logs: LogLine[] = [];
    runner.steps.start(request, {
      event(event) {
        if (event.type === "log") logs.push(event.line);
        else if (event.type !== "result") reject(new Error(`The step ended with ${event.type}.`));
        else
          resolve({
            ...event.result,
            logs,
            state: event.result.output === null ? null : JSON.parse(event.result.output),
          });
      },
    });
  });
}

export type TestServer = {
  port: number;
  url: string;
  hits: string[];
  /** Answers the requests for `/held` that have come, and those still to come. */
  release(): void;
  close(): Promise<void>;
};

/** A local HTTP server that echoes, redirects, fails, waits and sends much, as its paths say. */
export async function testServer(): Promise<TestServer> {
  const hits: string[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = http.createServer((request, response) => {
    hits.push(request.url ?? "");
    if (request.url === "/held") void released.then(() => response.end("held"));
    else respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, url: `http://127.0.0.1:${port}`, hits, release, close };
}

const megabyte = "x".repeat(1024 * 1024);

function respond(request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://x");
  if (url.pathname === "/redirect")
    response.writeHead(302, { location: url.searchParams.get("to") ?? "/" }).end();
  else if (url.pathname.startsWith("/status/")) {
    response
      .writeHead(Number(url.pathname.slice(8)), { "content-type": "application/json" })
      .end('{"error":"nope"}');
  } else if (url.pathname === "/slow")
    setTimeout(() => response.end("slow"), Number(url.searchParams.get("ms")));
  else if (url.pathname === "/big") sendBig(response, Number(url.searchParams.get("mb")));
  else void echo(request, response);
}

function sendBig(response: http.ServerResponse, mb: number): void {
  let sent = 0;
  const more = (): void => {
    while (sent < mb) {
      sent += 1;
      if (!response.write(megabyte)) return void response.once("drain", more);
    }
    response.end();
  };
  response.writeHead(200, { "content-type": "text/plain" });
  more();
}

async function echo(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { method, url, headers } = request;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({ ok: true, method, url, headers, body: body.length > 100_000 ? body.length : body }),
  );
}
