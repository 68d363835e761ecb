import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { beatEveryMs } from "@/lib/runner/contract";
import type { StepRefusal } from "@/lib/runner/wire";

/** A refusal with its HTTP status; the message is for people, `more` for the caller's code. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly more?: StepRefusal,
  ) {
    super(message);
    this.name = "HttpError";
  }
}

const maxJsonBytes = 160 * 1024 * 1024;

/**
 * The request's body. Whoever sends it only when told to go on (`Expect: 100-continue`) is told now, when nothing speaks
 * against the request any more. Throws HttpError when there is too much of it.
 */
export async function readBytes(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  if (request.headers.expect) response.writeContinue();
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

export async function readJson(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const bytes = await readBytes(request, response, maxJsonBytes);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new HttpError(400, "The request is not JSON.");
  }
}

/**
 * Awaits what takes long, and says meanwhile that it is in hand (102): whoever waits for the answer can tell that from a
 * runner that is gone.
 */
export async function inHand<T>(response: ServerResponse, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => response.writeProcessing(), beatEveryMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

export function sendBytes(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": bytes.byteLength,
  });
  response.end(bytes);
}

export function sendDone(response: ServerResponse): void {
  response.writeHead(204);
  response.end();
}
