import type { Buffer } from "node:buffer";
import net from "node:net";
import type { Duplex } from "node:stream";
import { errorCode } from "@/lib/error-code";
import { shownHost } from "@/lib/net/egress-policy";
import type { Connection, Reached } from "@/lib/runner/contract";
import {
  connectionWindowBytes,
  creditStepBytes,
  maxDataBytes,
  type NetEvent,
} from "@/lib/runner/protocol/messages";

const connectTimeoutMs = 30_000;
const maxAddressesTried = 3;
/** The address of what is in no network. */
const nowhere = "0.0.0.0";

export type ConnectionHost = {
  event(event: NetEvent): void;
  data(id: number, bytes: Uint8Array): void;
  /** Counts bytes of the step; false when they are too many and the step is being ended. */
  count(bytes: number): boolean;
  /** Notes the host before the first byte for it leaves; null when none must. */
  reach(): Reached | null;
  closed(id: number): void;
};

/** One relayed connection: a literal, checked address on one side, credit-bounded frames on the other. */
export class BrokeredConnection {
  readonly record: Connection & { bytesReceived: number };
  readonly #startedAt = performance.now();
  #socket: Duplex | null = null;
  #isOpen = false;
  #isClosed = false;
  #toWorkerCredit = connectionWindowBytes;
  #fromWorkerCredit = connectionWindowBytes;
  #flushedBytes = 0;
  #reached: Reached | null = null;

  constructor(
    readonly id: number,
    host: string,
    port: number,
    readonly owner: ConnectionHost,
  ) {
    this.record = {
      host: shownHost(host),
      port,
      address: null,
      bytesSent: 0,
      bytesReceived: 0,
      durationMs: 0,
    };
  }

  /** Tries the addresses one after another, as a client would. */
  connect(addresses: string[]): void {
    const [address, ...others] = addresses.slice(0, maxAddressesTried);
    if (this.#isClosed || address === undefined) return;
    this.record.address = address;
    const socket = net.connect({
      host: address,
      port: this.record.port,
      autoSelectFamily: false,
      allowHalfOpen: true,
    });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(timedOut(address, this.record.port)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      this.#opened(address);
    });
    this.#hear(socket);
    socket.on("error", (error) => {
      if (this.#isOpen || this.#isClosed) return;
      if (others.length) this.connect(others);
      else this.refuse(errorCode(error) || "ECONNRESET", error.message);
    });
  }

  /** Instead of connecting: the other end is in this process. */
  join(other: Duplex): void {
    if (this.#isClosed) return void other.destroy();
    this.#socket = other;
    this.#hear(other);
    this.#opened(nowhere);
  }

  #hear(socket: Duplex): void {
    socket.on("data", (bytes: Buffer) => this.#fromOutside(socket, bytes));
    socket.on("end", () => this.owner.event({ kind: "end", id: this.id }));
    socket.on("close", () => {
      if (socket === this.#socket && this.#isOpen) this.close(true);
    });
  }

  refuse(code: string, message: string): void {
    this.record.refused = message;
    this.owner.event({ kind: "error", id: this.id, code, message, address: this.record.address });
    this.close(false);
  }

  #opened(address: string): void {
    this.#isOpen = true;
    this.owner.event({ kind: "open", id: this.id, address });
  }

  #fromOutside(socket: Duplex, bytes: Buffer): void {
    this.record.bytesReceived += bytes.length;
    if (!this.owner.count(bytes.length)) return;
    for (let offset = 0; offset < bytes.length; offset += maxDataBytes) {
      this.owner.data(this.id, bytes.subarray(offset, offset + maxDataBytes));
    }
    this.#toWorkerCredit -= bytes.length;
    if (this.#toWorkerCredit <= 0) socket.pause();
  }

  /** The worker has consumed bytes. */
  credit(bytes: number): void {
    this.#toWorkerCredit = Math.min(this.#toWorkerCredit + bytes, connectionWindowBytes);
    if (this.#toWorkerCredit > 0) this.#socket?.resume();
  }

  /** Bytes of the worker for the outside. False when it sent more than it was granted. */
  fromWorker(bytes: Buffer): boolean {
    this.#fromWorkerCredit -= bytes.length;
    if (this.#fromWorkerCredit < 0) return false;
    const socket = this.#socket;
    if (!socket || !this.#isOpen || this.#isClosed) return true;
    this.#reached ??= this.owner.reach();
    if (!this.#reached) {
      this.refuse(
        "EIO",
        `write EIO ${this.record.host}:${this.record.port}: the runner cannot note that something is sent`,
      );
      return true;
    }
    this.#reached.bytesSent += bytes.length;
    this.record.bytesSent += bytes.length;
    if (this.owner.count(bytes.length)) socket.write(bytes, () => this.#flushed(bytes.length));
    return true;
  }

  #flushed(bytes: number): void {
    this.#flushedBytes += bytes;
    if (this.#flushedBytes < creditStepBytes || this.#isClosed) return;
    this.#fromWorkerCredit += this.#flushedBytes;
    this.owner.event({ kind: "credit", id: this.id, bytes: this.#flushedBytes });
    this.#flushedBytes = 0;
  }

  end(): void {
    this.#socket?.end();
  }

  close(tellWorker: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.record.durationMs = Math.round(performance.now() - this.#startedAt);
    this.#socket?.destroy();
    if (tellWorker) this.owner.event({ kind: "close", id: this.id });
    this.owner.closed(this.id);
  }
}

const timedOut = (address: string, port: number): Error =>
  Object.assign(new Error(`connect ETIMEDOUT ${address}:${port}`), { code: "ETIMEDOUT" });
