import type { Buffer } from "node:buffer";
import crypto from "node:crypto";
import fs from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import path from "node:path";
import { ZodError } from "zod";
import { http, https } from "@/lib/net/builtins";
import type { AdaptorProblem } from "@/lib/runner/adaptors/errors";
import { isTls, type RunnerAddress } from "@/lib/runner/address";
import type {
  AdaptorInfo,
  EdgeExpression,
  PublishedVersions,
  RunnerHealth,
  StepResult,
} from "@/lib/runner/contract";
import { minVersion } from "@/lib/runner/tls/agent";
import type { KeyPair } from "@/lib/runner/tls/certificate";
import { HttpError, inHand, readBytes, readJson, sendBytes, sendJson } from "./http";
import { refuseUpgrade, StepLinks } from "./link";
import { parseAdaptorRequest, parseArtefactHash, parseEvaluation } from "./request-schema";
import {
  answerStep,
  cancelStep,
  followStep,
  forgetStep,
  forgetSteps,
  type StepServices,
  startStep,
} from "./step-routes";

/** What the HTTP front offers. */
export type RunnerServices = StepServices & {
  /** `signal` aborts when nobody waits for the answer any more. */
  evaluate(
    projectId: string,
    input: string,
    conditions: EdgeExpression[],
    signal: AbortSignal,
  ): Promise<StepResult["conditions"]>;
  resolveAdaptor(name: string, version: string): Promise<AdaptorInfo>;
  listAdaptors(): Promise<AdaptorInfo[]>;
  publishedVersions(name: string): Promise<PublishedVersions>;
  exportArtefact(hash: string): Promise<Uint8Array>;
  importArtefact(hash: string, bytes: Uint8Array): Promise<AdaptorInfo>;
  health(): RunnerHealth;
};

/** How long a request may be on its way, with the largest body, and its headers. */
const requestMs = 300_000;
const headersMs = 20_000;
const maxArtefactBytes = 64 * 1024 * 1024;

/** How long a silent connection is left before the machine at its other end is asked for a sign of life. */
const keepAliveMs = 10_000;

const handshakeMs = 10_000;

const digest = (text: string): Buffer => crypto.createHash("sha256").update(text).digest();

function authorise(request: IncomingMessage, token: Buffer): void {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!crypto.timingSafeEqual(digest(given), token))
    throw new HttpError(401, "The runner's token is missing or wrong.");
}

async function route(
  services: RunnerServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://runner");
  const exchange = { request, response, url };
  const [collection = "", id, action, of] = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  switch (`${request.method} ${collection}${id === undefined ? "" : "/:id"}${action ? `/${action}` : ""}`) {
    case "POST steps":
      return startStep(services, exchange);
    case "GET steps/:id/events":
      return followStep(services, id ?? "", exchange);
    case "POST steps/:id/answers":
      return answerStep(services, { stepId: id ?? "", askId: of ?? "" }, exchange);
    case "POST steps/:id/cancel":
      return cancelStep(services, id ?? "", exchange);
    case "POST forgotten":
      return forgetSteps(services, exchange);
    case "DELETE steps/:id":
      return forgetStep(services, id ?? "", exchange);
    case "POST conditions": {
      const { projectId, input, conditions } = parseEvaluation(await readJson(request, response));
      const left = new AbortController();
      response.once("close", () => left.abort());
      return sendJson(
        response,
        200,
        await inHand(response, services.evaluate(projectId, input, conditions, left.signal)),
      );
    }
    case "POST adaptors": {
      const { name, version } = parseAdaptorRequest(await readJson(request, response));
      return sendJson(response, 200, await inHand(response, services.resolveAdaptor(name, version)));
    }
    case "GET adaptors":
      return sendJson(response, 200, await inHand(response, services.listAdaptors()));
    case "GET adaptors/:id/versions":
      return sendJson(response, 200, await inHand(response, services.publishedVersions(id ?? "")));
    case "GET artefacts/:id":
      return sendBytes(response, await inHand(response, services.exportArtefact(parseArtefactHash(id))));
    case "PUT artefacts/:id": {
      const hash = parseArtefactHash(id);
      const bytes = await readBytes(request, response, maxArtefactBytes);
      return sendJson(response, 200, await inHand(response, services.importArtefact(hash, bytes)));
    }
    case "GET health":
      return sendJson(response, 200, services.health());
    default:
      throw new HttpError(404, "The runner has no such route.");
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, statusOf(error), { ...moreOf(error), error: { message: sentenceOf(error) } });
}

const moreOf = (error: unknown): object => (error instanceof HttpError && error.more) || {};

/** Errors of the adaptor store name a problem and speak to the user. */
const problemOf = (error: unknown): unknown =>
  error instanceof Error ? Reflect.get(error, "problem") : undefined;

/** Those that pass by themselves. */
const passing: readonly unknown[] = ["unreachable", "busy"] satisfies AdaptorProblem[];

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  const problem = problemOf(error);
  if (passing.includes(problem)) return 503;
  return error instanceof ZodError || typeof problem === "string" ? 422 : 500;
}

function sentenceOf(error: unknown): string {
  if (error instanceof ZodError) return zodSentence(error);
  return error instanceof Error ? error.message : String(error);
}

const zodSentence = (error: ZodError): string =>
  error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");

/** What a runner shows at `https:`; `callers` is PEM: whose certificates it hears. Without, it hears whoever has the token. */
export type ServerTls = KeyPair & { callers?: string };

export type Serving = {
  address: RunnerAddress;
  token: string;
  /** For an address at `https:`. */
  tls?: ServerTls;
  /** Answers what anybody may ask, without the token; says whether it was that. */
  answerOpenly?(request: IncomingMessage, response: ServerResponse): boolean;
};

function createServer({ address, tls }: Serving): Server | TlsServer {
  const kept = { keepAlive: true, keepAliveInitialDelay: keepAliveMs };
  if (!isTls(address)) return http.createServer(kept);
  if (!tls) throw new Error("A runner at https: needs a certificate.");
  const { cert, key, callers } = tls;
  const mutual = callers === undefined ? {} : { ca: callers, requestCert: true, rejectUnauthorized: true };
  return https().createServer({ ...kept, ...mutual, cert, key, minVersion, handshakeTimeout: handshakeMs });
}

/** Serves the runner's routes. Resolves once it listens; every request but the open ones needs `token`. */
export async function serveRunner(services: RunnerServices, serving: Serving): Promise<Server | TlsServer> {
  const { address, token, answerOpenly } = serving;
  const expected = digest(token);
  const server = createServer(serving);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (answerOpenly?.(request, response)) return;
    const answer = async () => {
      authorise(request, expected);
      await route(services, request, response);
    };
    answer().catch((error: unknown) => refuse(response, error));
  };
  server.on("request", handle);
  // Told to go on once nothing speaks against it, see readBytes.
  server.on("checkContinue", handle);
  serveLinks(server, services, expected);
  // Of a request alone: answers take as long as steps do, whose own deadlines are in charge.
  server.requestTimeout = requestMs;
  server.headersTimeout = headersMs;
  server.keepAliveTimeout = 60_000;
  await listen(server, address);
  return server;
}

/** Engines that ask for a link get one. It ends with the server's other connections. */
function serveLinks(server: Server | TlsServer, services: RunnerServices, token: Buffer): void {
  const links = new StepLinks(services);
  server.on("upgrade", (request, socket, head) => {
    try {
      authorise(request, token);
    } catch {
      return refuseUpgrade(socket, 401);
    }
    links.accept(request, socket, head);
  });
  for (const name of ["closeIdleConnections", "closeAllConnections"] as const) {
    const close = server[name].bind(server);
    server[name] = () => {
      close();
      links.close({ cuts: name === "closeAllConnections" });
    };
  }
}

async function listen(server: Server | TlsServer, address: RunnerAddress): Promise<void> {
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
