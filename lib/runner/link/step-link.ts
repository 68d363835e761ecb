import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { log } from "@/lib/log";
import { EventReader, type Following, type LastEvent } from "@/lib/runner/step-events";
import type { Transport } from "@/lib/runner/transport";
import { headers } from "@/lib/runner/wire";
import { FairWriter } from "./fair-writer";
import { FrameReader, maxPieceBytes, maxRequestBytes, maxSteps, said, told, upgrade } from "./frames";

/** The step was not begun this way, and nothing of its request was; or what the runner said last of it, null when that broke off. */
export type Linked = "by HTTP" | { last: LastEvent | null };

/** Between two attempts to have a link; steps go by HTTP meanwhile. */
const againMs = 5_000;
/** How long one is kept on which there are no steps. */
const restMs = 60_000;
/** More than this under way to the runner already: it does not take it, and HTTP waits for it as it should. */
const maxWaitingBytes = 4 * 1024 * 1024;

/**
 * One socket to one life of a runner, over which steps are started and what they say comes back. Only where it stands and
 * nothing speaks against it: in every other case, and to hear why one was refused, steps go by HTTP.
 */
export class StepLink {
  #open: OpenLink | null = null;
  #isConnecting = false;
  #nextAt = 0;

  constructor(
    readonly transport: Transport,
    readonly life: string,
  ) {}

  async run(json: string, call: number, following: Following): Promise<Linked> {
    if (!this.#open) {
      if (!this.#isConnecting && performance.now() >= this.#nextAt) void this.#connect();
      return "by HTTP";
    }
    if (json.length > maxRequestBytes) return "by HTTP";
    const request = Buffer.from(json);
    return request.length > maxRequestBytes ? "by HTTP" : this.#open.run(request, call, following);
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true;
    this.#nextAt = performance.now() + againMs;
    const { path, protocol } = upgrade;
    try {
      const made = await this.transport.upgrade(path, protocol, { [headers.life]: this.life });
      if (!made) return;
      this.#open = new OpenLink(made.socket, made.head, this.transport.waits, () => {
        this.#open = null;
      });
    } catch {
      // It is away, or not the one that it should be: whoever calls by HTTP hears it.
    } finally {
      this.#isConnecting = false;
    }
  }
}

/** A step on its way: its request until that has left, then what reads its events. */
type Step = {
  request: Buffer | null;
  reader: EventReader;
  decoder: StringDecoder;
  /** The beginning of a line. */
  rest: string[];
  heardAt: number;
  settle(linked: Linked): void;
};

class OpenLink {
  readonly #writer: FairWriter;
  readonly #steps = new Map<number, Step>();
  readonly #watch: NodeJS.Timeout;
  #last = 0;
  #restsSince = performance.now();
  #heardAt = performance.now();
  #waitingBytes = 0;

  constructor(
    readonly socket: Duplex & { ref?(): void; unref?(): void },
    head: Buffer,
    readonly waits: Transport["waits"],
    over: () => void,
  ) {
    this.#writer = new FairWriter(socket);
    const frames = new FrameReader(maxPieceBytes, (id, kind, payload) => this.#hear(id, kind, payload));
    const read = (chunk: Buffer): void => {
      try {
        frames.read(chunk);
      } catch (error) {
        log.warn("A link to a job runner was given up: what came over it is not what should", { error });
        socket.destroy();
      }
    };
    this.#watch = setInterval(() => this.#look(), Math.min(1_000, waits.headMs / 2)).unref();
    socket.unref?.();
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      clearInterval(this.#watch);
      over();
      for (const [id, step] of [...this.#steps]) this.#settle(id, step, brokenOff(step));
    });
    if (head.length > 0) read(head);
    socket.on("data", read);
  }

  run(request: Buffer, call: number, following: Following): Promise<Linked> | Linked {
    const { socket } = this;
    const isFull = this.#steps.size >= maxSteps || this.#waitingBytes + request.length > maxWaitingBytes;
    if (socket.destroyed || socket.writableNeedDrain || isFull) return "by HTTP";
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#steps.has(this.#last));
    const id = this.#last;
    if (this.#steps.size === 0) socket.ref?.();
    this.#waitingBytes += request.length;
    return new Promise((settle) => {
      this.#steps.set(id, {
        ...{ request, settle, rest: [], heardAt: performance.now() },
        ...{ reader: new EventReader(following), decoder: new StringDecoder() },
      });
      this.#writer.send(id, said.ask, Buffer.from(String(call)));
    });
  }

  #hear(id: number, kind: number, payload: Buffer): void {
    this.#heardAt = performance.now();
    const step = this.#steps.get(id);
    // It has been given up.
    if (!step) return;
    step.heardAt = this.#heardAt;
    if (kind === told.no) this.#settle(id, step, "by HTTP");
    else if (kind === told.go && step.request) {
      this.#writer.send(id, said.request, step.request);
      this.#waitingBytes -= step.request.length;
      step.request = null;
    } else if (step.request) throw new Error("A frame of a link is out of place.");
    else if (kind === told.cut) this.#settle(id, step, { last: null });
    else if (kind === told.events || kind === told.end) this.#read(id, step, payload);
    else throw new Error("A frame of a link is of no known kind.");
  }

  #read(id: number, step: Step, payload: Buffer): void {
    const lines = step.decoder.write(payload).split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      const last = step.reader.read(step.rest.length === 0 ? line : [...step.rest, line].join(""));
      step.rest = [];
      if (!last) continue;
      this.#settle(id, step, { last });
      return;
    }
    if (rest) step.rest.push(rest);
  }

  #settle(id: number, step: Step, linked: Linked): void {
    this.#steps.delete(id);
    this.#waitingBytes -= step.request?.length ?? 0;
    if (this.#steps.size === 0) {
      this.#restsSince = performance.now();
      this.socket.unref?.();
    }
    try {
      step.reader.flush();
    } finally {
      step.settle(linked);
    }
  }

  /** A step of which nothing is heard, not even a beat, is given up; a link of which nothing is leads nowhere. */
  #look(): void {
    const now = performance.now();
    const { headMs, lineMs } = this.waits;
    for (const [id, step] of [...this.#steps]) {
      const patienceMs = step.request ? headMs : lineMs;
      if (now - step.heardAt <= patienceMs) continue;
      if (now - this.#heardAt > patienceMs) return void this.socket.destroy();
      this.#settle(id, step, brokenOff(step));
    }
    if (this.#steps.size === 0 && now - this.#restsSince > restMs) this.socket.destroy();
  }
}

/** What has not left was not begun. Of the rest nobody knows. */
const brokenOff = ({ request }: Step): Linked => (request ? "by HTTP" : { last: null });
