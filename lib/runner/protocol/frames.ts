import { Buffer } from "node:buffer";

/**
 * A frame is `u32be length | u8 type | payload`, length counting the type byte. Below 10 the runner speaks, from 10
 * on the worker. Both ends use this file; the runner trusts nothing that the worker puts inside.
 */
export const frameType = {
  load: 1,
  run: 2,
  netEvent: 3,
  netData: 4,
  evaluate: 6,
  ready: 11,
  log: 12,
  done: 13,
  netRequest: 14,
  netOut: 15,
  evaluated: 17,
  crash: 18,
  begun: 19,
  stray: 20,
  rested: 21,
} as const;

export type Frame = { type: number; payload: Buffer };

/** The other end does not keep to the protocol. The only answer is to end it. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtocolError";
  }
}

const headerBytes = 5;
/** A frame below this is written as one piece: copying it costs less than another buffer in the same call. */
export const joinBelowBytes = 64 * 1024;

/** The header that precedes a payload of `length` bytes. */
export function frameHeader(type: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32BE(length + 1, 0);
  header[4] = type;
  return header;
}

/** A whole frame as buffers to write one after another. */
export function encodeFrame(type: number, ...parts: Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [frameHeader(type, length), ...parts];
}

/** Payload made of a JSON header and bytes after it: `u32be header length | header | bytes`. */
export function headed(header: unknown, ...bytes: Uint8Array[]): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(json.length, 0);
  return [length, json, ...bytes];
}

/** Splits what `headed` made. Throws ProtocolError when the lengths do not fit. */
export function splitHeaded(payload: Buffer): { header: Buffer; body: Buffer } {
  if (payload.length < 4) throw new ProtocolError("a header is missing");
  const end = 4 + payload.readUInt32BE(0);
  if (end > payload.length) throw new ProtocolError("a header is longer than its frame");
  return { header: payload.subarray(4, end), body: payload.subarray(end) };
}

/** Bytes of a connection: `u32be connection id | bytes`. */
export function splitConnectionData(payload: Buffer): { id: number; bytes: Buffer } {
  if (payload.length < 4) throw new ProtocolError("connection data without an id");
  return { id: payload.readUInt32BE(0), bytes: payload.subarray(4) };
}

export function connectionId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(id, 0);
  return bytes;
}

/**
 * Cuts a byte stream into frames. `maxPayload` answers per type how long a payload may be, or null for a type that
 * must not come; it is asked as soon as a header is there, so nothing oversized is ever collected.
 */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(readonly maxPayload: (type: number) => number | null) {}

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next complete frame, or null until more bytes come. Throws ProtocolError. */
  next(): Frame | null {
    const header = this.#peek(headerBytes);
    if (!header) return null;
    const length = header.readUInt32BE(0);
    const type = header[4] ?? 0;
    const max = this.maxPayload(type);
    if (max === null) throw new ProtocolError(`frame type ${type} is not known here`);
    if (length < 1 || length - 1 > max)
      throw new ProtocolError(`a frame of type ${type} has ${length} bytes`);
    const whole = this.#peek(4 + length);
    if (!whole) return null;
    this.#drop(4 + length);
    return { type, payload: whole.subarray(headerBytes, 4 + length) };
  }

  #peek(size: number): Buffer | null {
    if (this.#size < size) return null;
    const first = this.#chunks[0];
    if (first && first.length >= size) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #drop(size: number): void {
    const rest = this.#chunks[0]?.subarray(size);
    if (rest?.length) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#size -= size;
  }
}
