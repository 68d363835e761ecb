import { Buffer } from "node:buffer";
import { randomUUID, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { limits } from "@/lib/limits";
import { http } from "@/lib/net/builtins";
import type { Ask } from "@/lib/runner/contract";
import { doorHost, doorPort } from "@/lib/runner/door-name";

/** Who answers: whoever follows the step. `write` settles when the job has taken the bytes. */
export type AnswerSink = {
  head(status: number, headers: Record<string, string>): void;
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  /** Nobody answers. */
  fail(): void;
};

export type Asking = {
  ask(ask: Ask, sink: AnswerSink): void;
  /** The job does not wait for it any more. */
  withdraw(id: string): void;
};

const methods = new Set(["GET", "PUT", "POST", "DELETE"]);
/** Of a request, the only ones that are passed on. */
const passedOn = ["authorization", "content-type", "x-api-version"];
const maxAtOnce = 4;

/**
 * The one door by which a step's job reaches something of ours: its project's collections. It leads into no network: a
 * request is read here, must name that path and bring the step's own token, and is answered by whoever follows the step.
 */
export class Door {
  readonly #bearer: Buffer;
  #open = 0;

  constructor(
    token: string,
    readonly asking: Asking,
  ) {
    this.#bearer = Buffer.from(`Bearer ${token}`);
  }

  /** Whether a job asks for it. */
  static isAt(host: string, port: number): boolean {
    return host === doorHost && port === doorPort;
  }

  /** A connection to it: the job's end. */
  connect(): Duplex {
    const [outside, inside] = duplexPair();
    doors.set(inside, this);
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      one.on("close", () => other.destroy());
      one.on("error", () => undefined);
    }
    server.emit("connection", inside);
    return outside;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://door");
    if (!this.#isOurs(request)) return refuse(response, 401, "Unauthorized");
    if (!url.pathname.startsWith("/collections/")) return refuse(response, 404, "Not Found");
    if (!methods.has(request.method ?? "")) return refuse(response, 405, "Method Not Allowed");
    if (this.#open >= maxAtOnce) return refuse(response, 429, `A job asks ${maxAtOnce} things at a time.`);
    this.#open += 1;
    const id = randomUUID();
    response.once("close", () => {
      this.#open -= 1;
      this.asking.withdraw(id);
    });
    const body = await textOf(request);
    if (body === null) return refuse(response, 413, "The request is too large.");
    const headers = Object.fromEntries(
      passedOn.flatMap((name) => (request.headers[name] ? [[name, String(request.headers[name])]] : [])),
    );
    const ask = { id, method: request.method ?? "", path: url.pathname + url.search, headers, body };
    if (!response.destroyed) this.asking.ask(ask, sinkOf(response));
  }

  #isOurs({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(headers.authorization ?? "");
    return given.length === this.#bearer.length && timingSafeEqual(given, this.#bearer);
  }
}

/** It listens nowhere: connections are handed to it. */
const server = http.createServer((request, response) => {
  const door = doors.get(request.socket);
  if (!door) return void response.destroy();
  door.answer(request, response).catch(() => response.destroy());
});
const doors = new WeakMap<Duplex, Door>();

function refuse(response: ServerResponse, status: number, error: string): void {
  const text = JSON.stringify({ error });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    // What is still to come of the request is not read.
    connection: "close",
  });
  response.end(text);
}

async function textOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > limits.largeRequestBytes) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

const sinkOf = (response: ServerResponse): AnswerSink => ({
  head: (status, headers) => {
    if (!response.destroyed) response.writeHead(status, headers);
  },
  write: (bytes) =>
    new Promise((resolve, reject) => {
      if (bytes.length === 0) return resolve();
      // What was on its way to a job that has gone is never said to be written.
      const gone = () => reject(new Error("The job has gone."));
      if (response.destroyed) return gone();
      response.once("close", gone);
      response.write(bytes, (error) => {
        response.off("close", gone);
        if (error) reject(error);
        else resolve();
      });
    }),
  end: () => void response.end(),
  fail: () => {
    if (response.headersSent) response.destroy();
    else refuse(response, 503, "The collections cannot be reached at the moment.");
  },
});
