import { Buffer } from "node:buffer";
import process from "node:process";
import { Duplex } from "node:stream";
import { connectionWindowBytes, creditStepBytes, maxDataBytes } from "@/lib/runner/protocol/messages";
import { coded } from "@/lib/runner/worker/builtin";
import { closeConnection, openConnection, request, sendData } from "./connections";
import { isRecording } from "./record";
import { RecordingSocket } from "./recording-socket";

export type ConnectOptions = { host?: string; hostname?: string; port?: number | string; path?: string };
type Done = (error?: Error | null) => void;

/** Node's `connect(options | port | path, host?, listener?)` in one shape. */
export function connectArguments(given: unknown[]): {
  options: ConnectOptions;
  listener: (() => void) | null;
} {
  const rest = [...given];
  const last = rest.at(-1);
  const listener = typeof last === "function" ? (rest.pop() as () => void) : null;
  const first = Array.isArray(rest[0]) ? rest[0][0] : rest[0];
  if (typeof first === "object" && first !== null) return { options: first, listener };
  if (typeof first === "string" && Number.isNaN(Number(first))) return { options: { path: first }, listener };
  const host = typeof rest[1] === "string" ? rest[1] : "localhost";
  return { options: { port: Number(first), host }, listener };
}

/** Stands for `net.Socket`: every byte goes through the runner's egress broker, bounded by credit both ways. */
export class BrokeredSocket extends Duplex {
  connecting = false;
  encrypted = false;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;
  readyState = "opening";
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  remoteFamily: string | undefined;
  localAddress = "0.0.0.0";
  localPort = 0;
  #id = 0;
  #host = "localhost";
  #port = 0;
  #whenOpen: (() => void)[] = [];
  #sendCredit = connectionWindowBytes;
  #unsent: { bytes: Buffer; done: Done } | null = null;
  #consumedBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super({ allowHalfOpen: true, highWaterMark: maxDataBytes });
  }

  connect(...given: unknown[]): this {
    const { options, listener } = connectArguments(given);
    if (listener) this.once("connect", listener);
    this.connecting = true;
    this.#host = options.host ?? options.hostname ?? "localhost";
    this.#port = Number(options.port);
    if (options.path) {
      process.nextTick(() =>
        this.destroy(coded("EACCES", "connect EACCES: unix sockets are not available in a job")),
      );
      return this;
    }
    this.#id = openConnection(this, this.#host, this.#port);
    return this;
  }

  onOpen(address: string): void {
    this.connecting = false;
    this.readyState = "open";
    this.remoteAddress = address;
    this.remotePort = this.#port;
    this.remoteFamily = address.includes(":") ? "IPv6" : "IPv4";
    const waiting = this.#whenOpen;
    this.#whenOpen = [];
    for (const act of waiting) act();
    this.emit("connect");
    this.emit("ready");
  }

  onError(error: Error): void {
    this.connecting = false;
    this.destroy(Object.assign(error, { port: this.#port }));
  }

  onData(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    this.#consumedBytes += bytes.length;
    this.#restartTimer();
    this.push(bytes);
  }

  onEnd(): void {
    this.push(null);
  }

  onClose(): void {
    this.destroy();
  }

  onCredit(bytes: number): void {
    this.#sendCredit += bytes;
    this.#sendMore();
  }

  override _read(): void {
    if (this.#consumedBytes < creditStepBytes) return;
    request({ kind: "credit", id: this.#id, bytes: this.#consumedBytes });
    this.#consumedBytes = 0;
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    this.#afterOpen(() => {
      this.bytesWritten += bytes.length;
      this.#unsent = { bytes, done };
      this.#restartTimer();
      this.#sendMore();
    });
  }

  override _final(done: Done): void {
    this.#afterOpen(() => {
      request({ kind: "end", id: this.#id });
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    closeConnection(this.#id);
    this.readyState = "closed";
    done(error);
  }

  #afterOpen(act: () => void): void {
    if (this.connecting) this.#whenOpen.push(act);
    else act();
  }

  #sendMore(): void {
    while (this.#unsent && !this.destroyed && this.#sendCredit > 0) {
      const { bytes, done } = this.#unsent;
      const size = Math.min(bytes.length, this.#sendCredit, maxDataBytes);
      if (size > 0) sendData(this.#id, bytes.subarray(0, size));
      this.#sendCredit -= size;
      this.#unsent = size < bytes.length ? { bytes: bytes.subarray(size), done } : null;
      if (!this.#unsent) done();
    }
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    if (!this.timeout) return;
    this.#timer = setTimeout(() => this.emit("timeout"), this.timeout);
  }

  setTimeout(timeoutMs: number, listener?: () => void): this {
    this.timeout = timeoutMs;
    if (listener) this.once("timeout", listener);
    this.#restartTimer();
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
  address(): { address: string; port: number; family: string } {
    return { address: this.localAddress, port: this.localPort, family: "IPv4" };
  }
  get pending(): boolean {
    return this.connecting;
  }
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }
  resetAndDestroy(): this {
    return this.destroy();
  }
}

/** `net.connect`: through the broker, or to nowhere in a dry run. */
export function connect(...given: unknown[]): BrokeredSocket | RecordingSocket {
  if (!isRecording()) return new BrokeredSocket().connect(...given);
  const { options, listener } = connectArguments(given);
  return new RecordingSocket(
    options.host ?? options.hostname ?? "localhost",
    Number(options.port),
    false,
    listener,
  );
}
