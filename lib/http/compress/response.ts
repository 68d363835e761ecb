import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { Transform } from "node:stream";
import { builtCoder, freshCoder } from "./coder";
import { keep } from "./kept";
import { type Coding, codingFor, isBuilt, isText, mayCompress } from "./policy";

/** What is shorter gains nothing. */
const leastBytes = 1_024;

type Written = (error?: Error | null) => void;
type Rest = [encoding?: BufferEncoding | Written, callback?: Written];

/**
 * A server's answer that compresses itself on its way where policy.ts lets it, the client takes it and it is a text: chunk
 * by chunk, so what streams goes on streaming. Downloads, parts of files (206), event streams and what has a coding already
 * are left as they are. A server takes it as its option `ServerResponse`.
 */
export class CompressingResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  #isDecided = false;
  #coder: Transform | null = null;
  #flush: () => void = () => {};

  override writeHead(status: number, message?: string, headers?: Given): this;
  override writeHead(status: number, headers?: Given): this;
  override writeHead(status: number, second?: string | Given, third?: Given): this {
    const given = typeof second === "string" ? third : second;
    if (!this.#isDecided && given && !Array.isArray(given)) {
      for (const [name, value] of Object.entries(given)) if (value !== undefined) this.setHeader(name, value);
      this.#decide(status, null);
      return typeof second === "string" ? super.writeHead(status, second) : super.writeHead(status);
    }
    if (!given) this.#decide(status, null);
    this.#isDecided = true;
    return typeof second === "string"
      ? super.writeHead(status, second, third)
      : super.writeHead(status, second);
  }

  override write(chunk: unknown, ...[encoding, callback]: Rest): boolean {
    if (!this.headersSent) this.#decide(this.statusCode, null);
    const coding = typeof encoding === "string" ? encoding : "utf8";
    const done = typeof encoding === "function" ? encoding : callback;
    if (this.#coder) return this.#coder.write(chunk, coding, done);
    return super.write(chunk, coding, done);
  }

  override end(chunk?: unknown, ...[encoding, callback]: Rest): this {
    const last = typeof chunk === "function" ? undefined : chunk;
    const done = [chunk, encoding, callback].find(isCallback);
    const coding = typeof encoding === "string" ? encoding : "utf8";
    if (!this.headersSent) this.#decide(this.statusCode, lengthOf(last, coding));
    if (done) this.once("finish", done);
    if (this.#coder) this.#coder.end(last, coding);
    else super.end(last, coding);
    return this;
  }

  /** Sends what has been written so far: Next asks for it after each part of a page. */
  flush(): void {
    this.#flush();
  }

  /** Before the headers leave: whether this answer is compressed. `bytes`: how many there will be, where that is known. */
  #decide(status: number, bytes: number | null): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    const path = (this.req.url ?? "/").split("?", 1)[0] ?? "/";
    const method = this.req.method ?? "GET";
    if (!mayCompress(method, path) || !this.#isWhole(status)) return;
    this.#vary();
    const length = bytes ?? numberOf(this.getHeader("content-length"));
    if (length !== null && length < leastBytes && method !== "HEAD") return;
    const coding = codingFor(this.req.headers["accept-encoding"], isBuilt(path) ? ["br", "gzip"] : ["gzip"]);
    if (!coding) return;
    this.#relabel(coding);
    if (method !== "HEAD") this.#begin(coding, path);
  }

  /** A whole text, neither a download nor coded already. */
  #isWhole(status: number): boolean {
    const header = (name: string) => String(this.getHeader(name) ?? "").toLowerCase();
    return (
      status >= 200 &&
      status < 300 &&
      ![204, 205, 206].includes(status) &&
      isText(header("content-type")) &&
      !this.hasHeader("content-encoding") &&
      !header("content-disposition").startsWith("attachment") &&
      !header("cache-control").includes("no-transform")
    );
  }

  #vary(): void {
    const said = [this.getHeader("vary") ?? []].flat().join(", ");
    if (!/(^|[\s,])(accept-encoding|\*)([\s,]|$)/i.test(said))
      this.setHeader("vary", said ? `${said}, accept-encoding` : "accept-encoding");
  }

  #relabel(coding: Coding): void {
    this.setHeader("content-encoding", coding);
    // Both are of the text as it was.
    this.removeHeader("content-length");
    this.removeHeader("accept-ranges");
    const tag = this.getHeader("etag");
    if (typeof tag === "string" && !tag.startsWith("W/")) this.setHeader("etag", `W/${tag}`);
  }

  #begin(coding: Coding, path: string): void {
    const send = (chunk: Buffer) => {
      if (chunk.length > 0 && !super.write(chunk)) this.#coder?.pause();
    };
    if (isBuilt(path)) {
      const kept: Buffer[] = [];
      const headers = this.getHeaders();
      this.#coder = builtCoder(coding).on("data", (chunk: Buffer) => {
        kept.push(chunk);
        send(chunk);
      });
      this.#coder.once("end", () => this.statusCode === 200 && keep(path, coding, headers, kept));
    } else {
      const { coder, flush, shaped } = freshCoder();
      this.#flush = flush;
      this.#coder = coder.on("data", (chunk: Buffer) => send(shaped(chunk)));
    }
    const coder = this.#coder;
    this.on("drain", () => coder.resume());
    coder.on("drain", () => this.emit("drain"));
    coder.once("end", () => super.end());
    coder.once("error", () => this.destroy());
    this.once("close", () => coder.destroy());
  }
}

type Given = OutgoingHttpHeaders | OutgoingHttpHeader[];

const isCallback = (value: unknown): value is () => void => typeof value === "function";

const numberOf = (header: unknown): number | null => (header === undefined ? null : Number(header));

function lengthOf(chunk: unknown, encoding: BufferEncoding): number {
  if (typeof chunk === "string") return Buffer.byteLength(chunk, encoding);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
