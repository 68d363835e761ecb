import { randomInt } from "node:crypto";
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import type { Coding } from "./policy";

/** Compresses what is made for one request: gzip, fast, and as many bytes longer as chance says. */
export function freshCoder(): { coder: Transform; flush: () => void; shaped: (chunk: Buffer) => Buffer } {
  const coder = zlib.createGzip({ level: 4 });
  const blur = blurred();
  return { coder, flush: () => coder.flush(zlib.constants.Z_SYNC_FLUSH), shaped: blur };
}

/** Compresses what is kept afterwards. */
export function builtCoder(coding: Coding): Transform {
  return coding === "br"
    ? zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 9 } })
    : zlib.createGzip({ level: 9 });
}

const mostBlur = 256;
const headerBytes = 10;
const hasName = 0x08;

/**
 * Gives a gzip stream's header a file name of a length by chance (RFC 1952, 2.3.1), which readers pass over. Who guesses
 * at a text by the lengths of many answers needs thousands of times as many.
 */
function blurred(): (chunk: Buffer) => Buffer {
  let isDone = false;
  let begun: Buffer = Buffer.alloc(0);
  return (chunk) => {
    if (isDone) return chunk;
    begun = Buffer.concat([begun, chunk]);
    if (begun.length < headerBytes) return Buffer.alloc(0);
    isDone = true;
    begun[3] = (begun[3] ?? 0) | hasName;
    const name = Buffer.from(`${"x".repeat(randomInt(mostBlur))}\0`);
    return Buffer.concat([begun.subarray(0, headerBytes), name, begun.subarray(headerBytes)]);
  };
}
