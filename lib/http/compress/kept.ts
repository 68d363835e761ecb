import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { promisify } from "node:util";
import zlib from "node:zlib";
import { type Coding, codingFor, isBuilt } from "./policy";

type Kept = { headers: Record<string, string>; body: Buffer };

/** All files of a build are a few MB. */
const mostBytes = 64_000_000;

const kept = new Map<string, Kept>();
let keptBytes = 0;

/** What says of a file who may keep it and how it is read; the rest is said for each answer anew. */
const lasting = ["content-type", "cache-control", "etag", "last-modified", "vary", "content-encoding"];

/** Keeps a file of the build as it was compressed once, for the next who asks. */
export function keep(path: string, coding: Coding, headers: OutgoingHttpHeaders, chunks: Buffer[]): void {
  const body = Buffer.concat(chunks);
  const key = `${coding} ${path}`;
  if (kept.has(key) || keptBytes + body.length > mostBytes) return;
  keptBytes += body.length;
  const said = lasting.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, String(headers[name])]],
  );
  const file = { headers: Object.fromEntries(said), body };
  kept.set(key, file);
  // What cannot be made smaller stays as it is.
  if (coding === "br") squeezed = squeezed.then(() => squeeze(file)).catch(() => {});
}

const [expand, compress] = [promisify(zlib.brotliDecompress), promisify(zlib.brotliCompress)];

/** One after the other: whatever else waits for a thread does not wait for these. */
let squeezed: Promise<void> = Promise.resolve();

/** Makes a file as small as Brotli can, which takes too long for whoever asks first. */
async function squeeze(file: Kept): Promise<void> {
  const body = await compress(await expand(file.body));
  if (body.length >= file.body.length) return;
  keptBytes += body.length - file.body.length;
  file.body = body;
}

/** Answers with what is kept. False: nothing is, or the request asks for a part, or whether something has changed. */
export function answerKept(request: IncomingMessage, response: ServerResponse): boolean {
  const { method, headers } = request;
  if (method !== "GET" && method !== "HEAD") return false;
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  if (!isBuilt(path) || headers.range || headers["if-none-match"] || headers["if-modified-since"])
    return false;
  const coding = codingFor(headers["accept-encoding"], ["br", "gzip"]);
  const file = coding && kept.get(`${coding} ${path}`);
  if (!file) return false;
  response.writeHead(200, { ...file.headers, "content-length": String(file.body.length) });
  response.end(method === "HEAD" ? undefined : file.body);
  return true;
}
