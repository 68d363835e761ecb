/**
 * Inflates gzip (RFC 1952) or zlib ("deflate", RFC 1950) data where the platform has no DecompressionStream, as Next's
 * edge runtime. Throws for what is malformed, cut off or longer than `limit` when inflated.
 */
export function inflate(bytes: Uint8Array, format: "gzip" | "deflate", limit: number): Uint8Array {
  const input = new BitReader(bytes);
  const output = new Output(Math.min(limit, Math.max(1024, bytes.length * 4)), limit);
  if (format === "deflate") readZlib(input, output);
  else
    do readGzipMember(input, output);
    while (!input.isAtEnd);
  if (!input.isAtEnd) throw new Error("There is more after the compressed data.");
  return output.bytes();
}

/** Array access that cannot miss: a miss means that the data is cut off or malformed. */
function at(array: ArrayLike<number>, index: number): number {
  const value = array[index];
  if (value === undefined) throw new Error("The compressed data is cut off or malformed.");
  return value;
}

class BitReader {
  private position = 0;
  private buffer = 0;
  private count = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  /** The next `n` ≤ 16 bits, least significant first. */
  bits(n: number): number {
    while (this.count < n) {
      this.buffer |= this.byte() << this.count;
      this.count += 8;
    }
    const value = this.buffer & ((1 << n) - 1);
    this.buffer >>>= n;
    this.count -= n;
    return value;
  }

  byte(): number {
    return at(this.bytes, this.position++);
  }

  /** Drops what is left of the byte under way. */
  align(): void {
    this.buffer = 0;
    this.count = 0;
  }

  uint16(): number {
    return this.byte() | (this.byte() << 8);
  }

  uint32(): number {
    return (this.uint16() | (this.uint16() << 16)) >>> 0;
  }
}

class Output {
  private buffer: Uint8Array;
  length = 0;

  constructor(
    size: number,
    private readonly limit: number,
  ) {
    this.buffer = new Uint8Array(size);
  }

  push(byte: number): void {
    if (this.length === this.buffer.length) this.grow();
    this.buffer[this.length++] = byte;
  }

  /** Repeats `length` bytes from `distance` back; they may overlap what is being written. */
  repeat(distance: number, length: number): void {
    if (distance > this.length) throw new Error("The compressed data refers to before its start.");
    for (let i = 0; i < length; i++) this.push(at(this.buffer, this.length - distance));
  }

  bytes(from = 0): Uint8Array {
    return this.buffer.subarray(from, this.length);
  }

  private grow(): void {
    if (this.length >= this.limit) throw new Error("The inflated data is too long.");
    const larger = new Uint8Array(Math.min(this.limit, this.buffer.length * 2));
    larger.set(this.buffer);
    this.buffer = larger;
  }
}

const flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16 };

function readGzipMember(input: BitReader, output: Output): void {
  if (input.uint16() !== 0x8b1f || input.byte() !== 8) throw new Error("This is not gzip.");
  const flags = input.byte();
  // Time, compression level, operating system.
  for (let i = 0; i < 6; i++) input.byte();
  if (flags & flag.extra) for (let left = input.uint16(); left > 0; left--) input.byte();
  if (flags & flag.name) while (input.byte() !== 0);
  if (flags & flag.comment) while (input.byte() !== 0);
  if (flags & flag.headerChecksum) input.uint16();
  const start = output.length;
  readBlocks(input, output);
  const member = output.bytes(start);
  if (input.uint32() !== crc32(member) || input.uint32() !== member.length % 2 ** 32)
    throw new Error("The checksum of the compressed data is wrong.");
}

function readZlib(input: BitReader, output: Output): void {
  const header = (input.byte() << 8) | input.byte();
  const hasDictionary = (header & 0x20) !== 0;
  if (((header >> 8) & 15) !== 8 || header % 31 !== 0 || hasDictionary) throw new Error("This is not zlib.");
  readBlocks(input, output);
  const checksum = (input.byte() * 2 ** 24 + (input.byte() << 16)) | 0;
  if ((checksum | (input.byte() << 8) | input.byte()) >>> 0 !== adler32(output.bytes()))
    throw new Error("The checksum of the compressed data is wrong.");
}

function readBlocks(input: BitReader, output: Output): void {
  let isLast = false;
  while (!isLast) {
    isLast = input.bits(1) === 1;
    const type = input.bits(2);
    if (type === 0) readStored(input, output);
    else if (type === 1) readCodes(input, output, fixedLiterals, fixedDistances);
    else if (type === 2) readCodes(input, output, ...readTables(input));
    else throw new Error("The compressed data has a block of an unknown type.");
  }
  input.align();
}

function readStored(input: BitReader, output: Output): void {
  input.align();
  const length = input.uint16();
  if ((length ^ input.uint16()) !== 0xffff) throw new Error("The compressed data is malformed.");
  for (let i = 0; i < length; i++) output.push(input.byte());
}

/** A canonical Huffman code: how many codes have each length, and the symbols in the order of their codes. */
type Code = { counts: Uint16Array; symbols: Uint16Array };

function codeOf(lengths: ArrayLike<number>): Code {
  const counts = new Uint16Array(16);
  for (let i = 0; i < lengths.length; i++) counts[at(lengths, i)] = at(counts, at(lengths, i)) + 1;
  counts[0] = 0;
  const next = new Uint16Array(16);
  for (let n = 1; n < 15; n++) next[n + 1] = at(next, n) + at(counts, n);
  const symbols = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = at(lengths, symbol);
    if (length === 0) continue;
    const place = at(next, length);
    symbols[place] = symbol;
    next[length] = place + 1;
  }
  return { counts, symbols };
}

function symbolOf(input: BitReader, { counts, symbols }: Code): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length < 16; length++) {
    code |= input.bits(1);
    const count = at(counts, length);
    if (code - count < first) return at(symbols, index + code - first);
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new Error("The compressed data holds a code that stands for nothing.");
}

/** Base and extra bits of the lengths 257…285 and of the distances 0…29 (RFC 1951 §3.2.5). */
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBits = Array.from({ length: 30 }, (_, i) => Math.max(0, (i >> 1) - 1));
const distanceBase = Array.from({ length: 30 }, (_, i) =>
  i < 4 ? i + 1 : 1 + ((2 + (i & 1)) << ((i >> 1) - 1)),
);

function readCodes(input: BitReader, output: Output, literals: Code, distances: Code): void {
  for (;;) {
    const symbol = symbolOf(input, literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      output.push(symbol);
      continue;
    }
    const length = at(lengthBase, symbol - 257) + input.bits(at(lengthBits, symbol - 257));
    const distance = symbolOf(input, distances);
    output.repeat(at(distanceBase, distance) + input.bits(at(distanceBits, distance)), length);
  }
}

const fixedLiterals = codeOf(
  Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
);
const fixedDistances = codeOf(new Uint8Array(30).fill(5));
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The codes of a dynamic block, which are themselves Huffman coded lengths. */
function readTables(input: BitReader): [Code, Code] {
  const literalCount = input.bits(5) + 257;
  const distanceCount = input.bits(5) + 1;
  const codeCount = input.bits(4) + 4;
  const codeLengths = new Uint8Array(19);
  for (const symbol of lengthOrder.slice(0, codeCount)) codeLengths[symbol] = input.bits(3);
  const code = codeOf(codeLengths);
  const lengths = new Uint8Array(literalCount + distanceCount);
  for (let i = 0; i < lengths.length; ) {
    const symbol = symbolOf(input, code);
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    const value = symbol === 16 ? at(lengths, i - 1) : 0;
    const times = symbol === 16 ? 3 + input.bits(2) : symbol === 17 ? 3 + input.bits(3) : 11 + input.bits(7);
    if (i + times > lengths.length) throw new Error("The compressed data is malformed.");
    lengths.fill(value, i, i + times);
    i += times;
  }
  return [codeOf(lengths.subarray(0, literalCount)), codeOf(lengths.subarray(literalCount))];
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = at(crcTable, (crc ^ byte) & 255) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
