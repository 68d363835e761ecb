import { Buffer } from "node:buffer";

/** The few types of ASN.1 that a certificate is written in (X.690, distinguished encoding). Nothing here reads any. */

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

const tagged =
  (tag: number) =>
  (...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
  };

export const sequence = tagged(0x30);
export const set = tagged(0x31);
export const octets = tagged(0x04);
/** A field that the type around it numbers; `isPlain`: its value stands there without a tag of its own. */
export const field = (number: number, isPlain = false) => tagged((isPlain ? 0x80 : 0xa0) | number);

/** A whole number of at most 127, or the bytes of a positive one whose first bit is not set. */
export const integer = (value: number | Buffer): Buffer =>
  tagged(0x02)(typeof value === "number" ? Buffer.from([value]) : value);

export const truth = (): Buffer => tagged(0x01)(Buffer.from([0xff]));
export const utf8 = (text: string): Buffer => tagged(0x0c)(Buffer.from(text));
export const ascii = (text: string): Buffer => Buffer.from(text, "latin1");

/** Bits, of which the last `unused` do not count. */
export const bits = (bytes: Buffer, unused = 0): Buffer => tagged(0x03)(Buffer.from([unused]), bytes);

/** An object identifier, e.g. `2.5.4.3`. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06)(Buffer.from([first * 40 + second]), ...rest.map(base128));
}

function base128(value: number): Buffer {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 | (rest % 128));
  return Buffer.from(bytes);
}

/** A moment, to the second; RFC 5280 wants two digits of the year until 2049. */
export function moment(at: Date): Buffer {
  const digits = at
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  return at.getUTCFullYear() < 2050 ? tagged(0x17)(ascii(digits.slice(2))) : tagged(0x18)(ascii(digits));
}
