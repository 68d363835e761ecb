import { randomBytes } from "node:crypto";
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { inflate } from "./inflate";

const limit = 5_000_000;
const words = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => `{"patient":${i},"visit":${(i * 7919) % 1013}}`).join("\n"),
);
const samples: [string, Buffer][] = [
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from("a")],
  ["a short text", Buffer.from('{"zipped":true}')],
  ["zeros", Buffer.alloc(300_000)],
  ["noise", randomBytes(100_000)],
  ["JSON lines", words],
];
const ways: [string, zlib.ZlibOptions][] = [
  ["stored", { level: 0 }],
  ["fast", { level: 1 }],
  ["best", { level: 9 }],
  ["fixed codes", { strategy: zlib.constants.Z_FIXED }],
  ["codes only", { strategy: zlib.constants.Z_HUFFMAN_ONLY }],
  ["a small window", { windowBits: 9 }],
];

describe.each(samples)("%s", (_, data) => {
  test.each(ways)("that zlib compressed (%s) comes out as it was", (_, options) => {
    expect(Buffer.compare(inflate(zlib.gzipSync(data, options), "gzip", limit), data)).toBe(0);
    expect(Buffer.compare(inflate(zlib.deflateSync(data, options), "deflate", limit), data)).toBe(0);
  });
});

test("a gzip file's name, comment and further members are read", () => {
  const plain = zlib.gzipSync("one ");
  const flags = 2 | 4 | 8 | 16;
  const fields = Buffer.from([2, 0, 7, 7, ...Buffer.from("name\0comment\0"), 0, 0]);
  const named = Buffer.concat([
    plain.subarray(0, 3),
    Buffer.from([flags]),
    plain.subarray(4, 10),
    fields,
    plain.subarray(10),
  ]);
  expect(Buffer.from(inflate(Buffer.concat([named, zlib.gzipSync("two")]), "gzip", limit)).toString()).toBe(
    "one two",
  );
});

describe("is refused:", () => {
  const text = words.subarray(0, 20_000);
  const gzip = zlib.gzipSync(text);
  const changed = (at: number) => Buffer.from(gzip.map((byte, i) => (i === at ? byte ^ 1 : byte)));

  test("what inflates to more than the limit", () => {
    expect(() => inflate(zlib.gzipSync(Buffer.alloc(1_000_001)), "gzip", 1_000_000)).toThrow("too long");
    expect(inflate(zlib.gzipSync(Buffer.alloc(1_000_000)), "gzip", 1_000_000)).toHaveLength(1_000_000);
  });

  test("what is cut off anywhere", () => {
    for (let n = 0; n < gzip.length; n += 97)
      expect(() => inflate(gzip.subarray(0, n), "gzip", limit)).toThrow();
    expect(() => inflate(gzip.subarray(0, -1), "gzip", limit)).toThrow();
  });

  test("what was changed anywhere", () => {
    for (let n = 10; n < gzip.length; n += 97) expect(() => inflate(changed(n), "gzip", limit)).toThrow();
    const deflated = zlib.deflateSync(text);
    deflated[deflated.length - 1] = (deflated.at(-1) ?? 0) ^ 1;
    expect(() => inflate(deflated, "deflate", limit)).toThrow("checksum");
  });

  test("noise, in bounded time", () => {
    for (let n = 0; n < 200; n++) {
      const noise = Buffer.concat([gzip.subarray(0, 10), randomBytes(200)]);
      expect(() => inflate(noise, "gzip", limit)).toThrow();
    }
  });

  test("what is cut into so many parts that it would take long", () => {
    const parts = (count: number) => Buffer.concat(Array<Buffer>(count).fill(zlib.gzipSync("a")));
    expect(inflate(parts(10_000), "gzip", limit)).toHaveLength(10_000);
    expect(() => inflate(parts(10_001), "gzip", limit)).toThrow("too many parts");
  });

  test("nothing at all, and what is too short to have a checksum", () => {
    for (const bytes of [[], [0x1f], [0x1f, 0x8b, 8], [0x78, 0x9c], [0x78, 0x9c, 3, 0]])
      for (const format of ["gzip", "deflate"] as const)
        expect(() => inflate(Uint8Array.from(bytes), format, limit)).toThrow();
  });

  test("the other format, and something behind the data", () => {
    expect(() => inflate(gzip, "deflate", limit)).toThrow("not zlib");
    expect(() => inflate(zlib.deflateSync("a"), "gzip", limit)).toThrow("not gzip");
    expect(() => inflate(Buffer.concat([zlib.deflateSync("a"), Buffer.from("b")]), "deflate", limit)).toThrow(
      "more after",
    );
  });
});
