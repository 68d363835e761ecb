import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { log } from "@/lib/log";
import { FairWriter } from "@/lib/runner/link/fair-writer";
import {
  FrameReader,
  maxPieceBytes,
  maxRequestBytes,
  maxSteps,
  said,
  told,
  upgrade,
} from "@/lib/runner/link/frames";
import { headers } from "@/lib/runner/wire";
import type { EventSink } from "./event-stream";
import { parseCall } from "./request-schema";
import { type StepServices, startOnLink } from "./step-routes";

const nothing = Buffer.alloc(0);

/** A step's part of a link. */
class LinkSink implements EventSink {
  readonly #onClose: (() => void)[] = [];
  #isClosed = false;

  constructor(
    readonly step: number,
    readonly writer: FairWriter,
    readonly over: () => void,
  ) {}

  get isStalled(): boolean {
    return this.writer.isStalled(this.step);
  }

  write(text: string): void {
    this.#send(text, told.events);
  }

  end(text: string): void {
    this.#send(text, told.end);
    this.close();
  }

  cut(): void {
    this.writer.drop(this.step);
    this.writer.send(this.step, told.cut, nothing);
    this.close();
  }

  onClose(act: () => void): void {
    this.#onClose.push(act);
  }

  close(): void {
    this.#isClosed = true;
    this.over();
    for (const act of this.#onClose.splice(0)) act();
  }

  #send(text: string, lastKind: number): void {
    if (this.#isClosed) return;
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += maxPieceBytes) {
      const isLast = at + maxPieceBytes >= bytes.length;
      this.writer.send(this.step, isLast ? lastKind : told.events, bytes.subarray(at, at + maxPieceBytes));
    }
  }
}

/** The links of a runner: one socket for each engine, on which it starts its steps. */
export class StepLinks {
  /** With what ends each when it rests. */
  readonly #sockets = new Map<Duplex, () => void>();

  constructor(readonly services: StepServices) {}

  /** Whoever asks has proved who it is. What is not meant for this life, or is no link, is refused. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { life } = this.services;
    const isLink = request.url === upgrade.path && request.headers.upgrade === upgrade.protocol;
    const isMeant = request.headers[headers.life] === life;
    if (!isLink || !isMeant) {
      refuseUpgrade(socket, isLink ? 409 : 404);
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${upgrade.protocol}\r\n\r\n`,
    );
    this.#serve(socket, head);
  }

  /** Ends them all, each when the steps on it have ended unless they are to be cut. */
  close({ cuts }: { cuts: boolean }): void {
    for (const [socket, rest] of this.#sockets) {
      if (cuts) socket.destroy();
      else rest();
    }
  }

  #serve(socket: Duplex, head: Buffer): void {
    const writer = new FairWriter(socket);
    /** By step: the call that asked, then where its events go. */
    const calls = new Map<number, number>();
    const sinks = new Map<number, LinkSink>();
    let isLeaving = false;
    const rest = (): void => {
      if (isLeaving && calls.size + sinks.size === 0) writer.end();
    };
    this.#sockets.set(socket, () => {
      isLeaving = true;
      rest();
    });
    const over = (step: number): void => {
      sinks.delete(step);
      rest();
    };
    const begin = (step: number, call: number, payload: Buffer): void => {
      const sink = new LinkSink(step, writer, () => over(step));
      sinks.set(step, sink);
      try {
        startOnLink(this.services, { call, request: JSON.parse(payload.toString()), sink });
      } catch {
        writer.send(step, told.no, nothing);
        sink.close();
      }
    };
    const reader = new FrameReader(maxRequestBytes, (step, kind, payload) => {
      const call = calls.get(step);
      if (kind === said.ask) {
        if (call !== undefined || sinks.has(step)) throw new Error("A step of a link is asked for twice.");
        const isTaken = !isLeaving && calls.size + sinks.size < maxSteps;
        if (isTaken) calls.set(step, parseCall(payload.toString()));
        writer.send(step, isTaken ? told.go : told.no, nothing);
      } else if (kind === said.request && call !== undefined) {
        calls.delete(step);
        begin(step, call, payload);
      } else throw new Error("A frame of a link is out of place.");
    });
    const read = (chunk: Buffer): void => {
      try {
        reader.read(chunk);
      } catch (error) {
        // Whoever speaks otherwise is not heard any longer; its steps go on, and can be followed.
        log.warn("A link of an engine was ended: what came over it is not what should", { error });
        socket.destroy();
      }
    };
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      for (const sink of [...sinks.values()]) sink.close();
    });
    if (head.length > 0) read(head);
    socket.on("data", read);
  }
}

const reasons = { 401: "Unauthorized", 404: "Not Found", 409: "Conflict" } as const;

export function refuseUpgrade(socket: Duplex, status: keyof typeof reasons): void {
  socket.on("error", () => socket.destroy());
  // Nothing else would end it: the other end need not.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
