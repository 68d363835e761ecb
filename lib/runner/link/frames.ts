import { Buffer } from "node:buffer";

/** How a link is asked for: `GET` with `Upgrade`. A runner of the release before answers that it has no such route. */
export const upgrade = { path: "/link", protocol: "waybill-steps" } as const;

/** What the engine says of a step. */
export const said = {
  /** It would start one; the payload is the number of the call. */
  ask: 1,
  /** The request, once the runner has told it to go on. */
  request: 2,
} as const;

/** What the runner says of it. */
export const told = {
  go: 3,
  /** Not by this way: nothing was begun by it, and HTTP says why. */
  no: 4,
  /** A piece of the step's events. */
  events: 5,
  /** The last piece. */
  end: 6,
  /** No more is told of it by this way. */
  cut: 7,
} as const;

/** The largest request that goes over a link, and the largest piece of events. */
export const maxRequestBytes = 256 * 1024;
export const maxPieceBytes = 64 * 1024;
/** Steps of one link at once; more go by HTTP. */
export const maxSteps = 4_096;

const headBytes = 9;

/** Length of the payload, step, kind, payload. */
export function frame(step: number, kind: number, payload: Uint8Array): [Buffer, Uint8Array] {
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(step, 4);
  head.writeUInt8(kind, 8);
  return [head, payload];
}

/** Finds the frames in what arrives. */
export class FrameReader {
  #parts: Buffer[] = [];
  #size = 0;
  #wanted = headBytes;

  constructor(
    readonly maxBytes: number,
    readonly onFrame: (step: number, kind: number, payload: Buffer) => void,
  ) {}

  /** Throws when a frame is larger than it may be, and what `onFrame` throws. */
  read(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    let at = 0;
    for (;;) {
      this.#wanted = headBytes;
      if (bytes.length - at < headBytes) break;
      const length = bytes.readUInt32LE(at);
      if (length > this.maxBytes) throw new Error(`A frame of ${length} bytes is larger than it may be.`);
      this.#wanted = headBytes + length;
      if (bytes.length - at < this.#wanted) break;
      const end = at + this.#wanted;
      this.onFrame(bytes.readUInt32LE(at + 4), bytes.readUInt8(at + 8), bytes.subarray(at + headBytes, end));
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }
}
