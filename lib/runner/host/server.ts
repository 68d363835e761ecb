import { Buffer } from "node:buffer";
import crypto from "node:crypto";
import fs from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { ZodError } from "zod";
import type { RunnerAddress } from "@/lib/runner/address";
import type { AdaptorInfo, EdgeExpression, RunnerHealth, StepResult } from "@/lib/runner/contract";
import type { StepRegistry } from "@/lib/runner/step/step-registry";
import { EventStream } from "./event-stream";
import { parseAdaptorRequest, parseArtefactHash, parseEvaluation, parseStepRequest } from "./request-schema";

/** What the HTTP front offers. */
export type RunnerServices = {
  steps: StepRegistry;
  evaluate(projectId: string, input: string, conditions: EdgeExpression[]): Promise<StepResult["conditions"]>;
  resolveAdaptor(name: string, version: string): Promise<AdaptorInfo>;
  listAdaptors(): Promise<AdaptorInfo[]>;
  exportArtefact(hash: string): Promise<Uint8Array>;
  importArtefact(hash: string, bytes: Uint8Array): Promise<AdaptorInfo>;
  health(): RunnerHealth;
};

/** A refusal with its HTTP status; the message is for the caller. */
class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "HttpError";
  }
}

const maxBodyBytes = 160 * 1024 * 1024;
const maxArtefactBytes = 64 * 1024 * 1024;

const digest = (text: string): Buffer => crypto.createHash("sha256").update(text).digest();

function authorise(request: IncomingMessage, token: Buffer): void {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!crypto.timingSafeEqual(digest(given), token))
    throw new HttpError(401, "The runner's token is missing or wrong.");
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > maxBytes) throw new HttpError(413, "The request is too large for the runner.");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request, maxBodyBytes);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new HttpError(400, "The request is not JSON.");
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function sendBytes(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": bytes.byteLength,
  });
  response.end(bytes);
}

function sendDone(response: ServerResponse, isKnown: boolean): void {
  if (!isKnown) throw new HttpError(404, "The runner does not know this step.");
  response.writeHead(204);
  response.end();
}

async function startStep(
  services: RunnerServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const step = parseStepRequest(await readJson(request));
  const leave = services.steps.start(step, new EventStream(response));
  response.on("close", leave);
}

function followStep(services: RunnerServices, stepId: string, response: ServerResponse): void {
  const later: { stream: EventStream | null } = { stream: null };
  const follower = { event: (event: Parameters<EventStream["event"]>[0]) => stream().event(event) };
  const stream = (): EventStream => {
    later.stream ??= new EventStream(response);
    return later.stream;
  };
  const leave = services.steps.follow(stepId, follower);
  if (!leave) throw new HttpError(404, "The runner does not know this step.");
  stream();
  response.on("close", leave);
}

async function route(
  services: RunnerServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://runner");
  const [collection = "", id, action] = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  switch (`${request.method} ${collection}${id === undefined ? "" : "/:id"}${action ? `/${action}` : ""}`) {
    case "POST steps":
      return startStep(services, request, response);
    case "GET steps/:id/events":
      return followStep(services, id ?? "", response);
    case "POST steps/:id/cancel":
      return sendDone(response, services.steps.cancel(id ?? ""));
    case "DELETE steps/:id":
      return sendDone(response, services.steps.forget(id ?? ""));
    case "POST conditions": {
      const { projectId, input, conditions } = parseEvaluation(await readJson(request));
      return sendJson(response, 200, await services.evaluate(projectId, input, conditions));
    }
    case "POST adaptors": {
      const { name, version } = parseAdaptorRequest(await readJson(request));
      return sendJson(response, 200, await services.resolveAdaptor(name, version));
    }
    case "GET adaptors":
      return sendJson(response, 200, await services.listAdaptors());
    case "GET artefacts/:id":
      return sendBytes(response, await services.exportArtefact(parseArtefactHash(id)));
    case "PUT artefacts/:id": {
      const hash = parseArtefactHash(id);
      const bytes = await readBytes(request, maxArtefactBytes);
      return sendJson(response, 200, await services.importArtefact(hash, bytes));
    }
    case "GET health":
      return sendJson(response, 200, services.health());
    default:
      throw new HttpError(404, "The runner has no such route.");
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, statusOf(error), { error: { message: sentenceOf(error) } });
}

/** Errors of the adaptor store name a problem and speak to the user. */
const isForUser = (error: unknown): boolean =>
  error instanceof Error && typeof Reflect.get(error, "problem") === "string";

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return error instanceof ZodError || isForUser(error) ? 422 : 500;
}

function sentenceOf(error: unknown): string {
  if (error instanceof ZodError) return zodSentence(error);
  return error instanceof Error ? error.message : String(error);
}

const zodSentence = (error: ZodError): string =>
  error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");

/** Serves the runner's routes. Resolves once it listens; every request needs `token`. */
export async function serveRunner(
  services: RunnerServices,
  { address, token }: { address: RunnerAddress; token: string },
): Promise<http.Server> {
  const expected = digest(token);
  const server = http.createServer((request, response) => {
    const answer = async () => {
      authorise(request, expected);
      await route(services, request, response);
    };
    answer().catch((error: unknown) => refuse(response, error));
  });
  // Steps take as long as they take; their own deadlines are in charge.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await listen(server, address);
  return server;
}

async function listen(server: http.Server, address: RunnerAddress): Promise<void> {
  if ("socketPath" in address) {
    fs.mkdirSync(path.dirname(address.socketPath), { recursive: true });
    fs.rmSync(address.socketPath, { force: true });
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if ("socketPath" in address) server.listen(address.socketPath, resolve);
    else server.listen(address.port, address.host, resolve);
  });
  // Connecting needs write permission: only this user's processes may, and they still need the token.
  if ("socketPath" in address) fs.chmodSync(address.socketPath, 0o600);
}
