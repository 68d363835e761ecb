import { Buffer } from "node:buffer";
import process from "node:process";
import { Duplex } from "node:stream";
import { coded } from "@/lib/runner/worker/builtin";
import { parseHttpRequest } from "./http-request";
import { keepRecord } from "./record";
import { recordedAnswer } from "./recorded-answer";

const maxBodyBytes = 64 * 1024;
/** A protocol whose server speaks first writes nothing; nobody should wait for it in a dry run. */
const patienceMs = 500;

/** Stands for a connection in a dry run: keeps each HTTP request and answers it with an empty success. */
export class RecordingSocket extends Duplex {
  connecting = true;
  authorized = true;
  alpnProtocol = false;
  readonly encrypted: boolean;
  readonly remoteAddress = "192.0.2.1";
  readonly remoteFamily = "IPv4";
  readonly localAddress = "0.0.0.0";
  readonly localPort = 0;
  bytesRead = 0;
  bytesWritten = 0;
  readonly #host: string;
  readonly #port: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  #unread = Buffer.alloc(0);

  constructor(host: string, port: number, isSecure: boolean, listener?: (() => void) | null) {
    super();
    this.#host = host;
    this.#port = port;
    this.encrypted = isSecure;
    if (listener) this.once(isSecure ? "secureConnect" : "connect", listener);
    this.#timer = setTimeout(() => this.#giveUp(), patienceMs);
    process.nextTick(() => {
      this.connecting = false;
      this.emit("connect");
      this.emit("ready");
      if (isSecure) this.emit("secureConnect");
    });
  }

  get remotePort(): number {
    return this.#port;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytesWritten += chunk.length;
    this.#unread = Buffer.concat([this.#unread, chunk]);
    done();
    this.#answer();
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    done(error);
  }

  #answer(): void {
    for (let request = parseHttpRequest(this.#unread); request; request = parseHttpRequest(this.#unread)) {
      if (request === "other") {
        this.#giveUp();
        return;
      }
      clearTimeout(this.#timer);
      this.#unread = this.#unread.subarray(request.size);
      const { method, path, headers } = request;
      const body = request.body.subarray(0, maxBodyBytes).toString();
      keepRecord({ host: this.#host, port: this.#port, secure: this.encrypted, method, path, headers, body });
      this.push(recordedAnswer({ host: this.#host, method, path }));
    }
  }

  #giveUp(): void {
    const { encrypted: secure } = this;
    keepRecord({
      host: this.#host,
      port: this.#port,
      secure,
      method: "CONNECT",
      path: "",
      headers: {},
      body: "",
    });
    const what = `${this.#host}:${this.#port}`;
    this.destroy(
      coded("EACCES", `connect EACCES ${what}: a dry run keeps HTTP requests and connects to nothing`),
    );
  }

  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  getPeerCertificate(): object {
    return {};
  }
  address(): { address: string; port: number; family: string } {
    return { address: this.localAddress, port: 0, family: "IPv4" };
  }
  destroySoon(): void {
    this.end();
    this.destroy();
  }
}
