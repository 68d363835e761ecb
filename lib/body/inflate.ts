import { Gunzip, Inflate, Unzlib } from "fflate";
import { concatenated } from "@/lib/bytes";
import { limits } from "@/lib/limits";

/** Inflates to 4 MB at most, 1032 times as much: what is over the limit is noticed soon. */
const chunkBytes = 4096;
/** Each costs 20 µs, however little it holds. Files cut into many (bgzip) have one in 64 kB. */

/**
 * Inflates gzip (RFC 1952), zlib ("deflate", RFC 1950) or raw (RFC 1951) data where the platform has no
 * DecompressionStream, as Next's edge runtime. Throws for what is malformed or cut off, and `TooLongError` for what is
 * longer than `limit` when inflated. fflate does not look at checksums; we do.
 */
export function inflate(
  bytes: Uint8Array,
  format: "gzip" | "deflate" | "deflate-raw",
  limit: number,
): Uint8Array {
  const output = new Output(limit);
  if (format === "gzip") readGzip(bytes, output);
  else if (format === "deflate") readZlib(bytes, output);
  else pushAll(new Inflate((chunk) => output.push(chunk)), bytes);
  return output.bytes();
}

/** What is inflated is longer than the limit. */
export class TooLongError extends Error {
  constructor() {
    super("The inflated data is too long.");
  }
}

class Output {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.#limit) throw new TooLongError();
    this.#chunks.push(chunk);
  }

  bytes(): Uint8Array {
    return concatenated(this.#chunks, this.#length);
  }
}

function readGzip(bytes: Uint8Array, output: Output): void {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) throw new Error("This is not gzip.");
  const member = { crc: 0, length: 0 };
  let members = 0;
  const endMember = (end: number) => {
    const trailer = before(bytes, end, 8);
    if (trailer.getUint32(0, true) !== member.crc || trailer.getUint32(4, true) !== member.length)
      throw mismatch();
    member.crc = member.length = 0;
    if (++members > limits.inflatedMembers) throw new Error("The compressed data has too many parts.");
  };
  const stream = new Gunzip((chunk) => {
    output.push(chunk);
    member.crc = crc32(chunk, member.crc);
    member.length += chunk.length;
  });
  // Called with the place where the next one begins, before anything of it is inflated.
  stream.onmember = endMember;
  pushAll(stream, bytes);
  endMember(bytes.length);
}

function readZlib(bytes: Uint8Array, output: Output): void {
  const [method = 0, flags = 0] = bytes;
  if ((method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0) throw new Error("This is not zlib.");
  let sum = 1;
  const stream = new Unzlib((chunk) => {
    output.push(chunk);
    sum = adler32(chunk, sum);
  });
  pushAll(stream, bytes);
  if (before(bytes, bytes.length, 4).getUint32(0) !== sum) throw mismatch();
}

function pushAll(stream: Pick<Gunzip, "push">, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += chunkBytes)
    stream.push(bytes.subarray(at, at + chunkBytes), at + chunkBytes >= bytes.length);
}

/** The `length` bytes before `end`; reading what is not there throws. */
function before(bytes: Uint8Array, end: number, length: number): DataView {
  const part = bytes.subarray(Math.max(0, end - length), end);
  return new DataView(part.buffer, part.byteOffset, part.byteLength);
}

const mismatch = () =>
  new Error("The checksum of the compressed data is wrong, or there is more after the data.");

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array, soFar: number): number {
  let crc = ~soFar;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function adler32(bytes: Uint8Array, soFar: number): number {
  let a = soFar & 0xffff;
  let b = soFar >>> 16;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
