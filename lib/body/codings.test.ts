import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { limits } from "@/lib/limits";
import { supportedCodings, undoCodings } from "./codings";
import { nodeDecoders } from "./node-decoders";

const plain = Buffer.from('{"a":1}');
const text = async (bytes: Uint8Array, header: string) => {
  const read = await undoCodings(Uint8Array.from(bytes), header, nodeDecoders);
  return "refused" in read ? read : [Buffer.from(read.bytes).toString(), read.codings, read.notes];
};

describe("content codings (RFC 9110, 8.4)", () => {
  test.each<[string, Uint8Array, string[]]>([
    ["gzip", zlib.gzipSync(plain), ["gzip"]],
    ["GZIP", zlib.gzipSync(plain), ["gzip"]],
    [" gzip ", zlib.gzipSync(plain), ["gzip"]],
    ["x-gzip", zlib.gzipSync(plain), ["gzip"]],
    ["deflate", zlib.deflateSync(plain), ["deflate"]],
    ["Deflate", zlib.deflateRawSync(plain), ["deflate"]],
    ["br", zlib.brotliCompressSync(plain), ["br"]],
    ["gzip, gzip", zlib.gzipSync(zlib.gzipSync(plain)), ["gzip", "gzip"]],
    ["deflate,gzip", zlib.gzipSync(zlib.deflateSync(plain)), ["deflate", "gzip"]],
    ["br, identity, x-gzip", zlib.gzipSync(zlib.brotliCompressSync(plain)), ["br", "gzip"]],
    ["identity", plain, []],
    ["", plain, []],
    [" , ", plain, []],
  ])("%s", async (header, bytes, codings) =>
    expect(await text(bytes, header)).toEqual([plain.toString(), codings, []]),
  );

  test("what is not compressed at all, and a charset where a coding should stand, are passed over and told", async () => {
    expect(await text(plain, "gzip")).toEqual([plain.toString(), [], ["coding_absent"]]);
    expect(await text(plain, "deflate")).toEqual([plain.toString(), [], ["coding_absent"]]);
    expect(await text(plain, "utf-8")).toEqual([plain.toString(), [], ["coding_is_charset"]]);
    expect(await text(zlib.gzipSync(plain), "UTF-8, gzip")).toEqual([
      plain.toString(),
      ["gzip"],
      ["coding_is_charset"],
    ]);
  });

  test.each([
    ["compress", plain],
    ["aws-chunked", plain],
    ["gzip, zip", zlib.gzipSync(plain)],
    ["gzip, gzip, gzip, gzip", plain],
    ["__proto__", plain],
    ["constructor", plain],
  ])("%s is refused", async (header, bytes) => {
    expect(await text(bytes, header)).toEqual({ refused: "unsupported_coding" });
  });

  test("what is cut off or changed is refused", async () => {
    const gzip = zlib.gzipSync("x".repeat(500));
    const changed = Uint8Array.from(gzip);
    changed[20] = (changed[20] ?? 0) ^ 255;
    for (const bytes of [gzip.subarray(0, -1), gzip.subarray(0, 12), changed])
      expect(await text(bytes, "gzip")).toEqual({ refused: "malformed_coding" });
    expect(await text(zlib.brotliCompressSync(plain).subarray(0, -2), "br")).toEqual({
      refused: "malformed_coding",
    });
    expect(await text(zlib.deflateRawSync("x".repeat(500)).subarray(0, -2), "deflate")).toEqual({
      refused: "malformed_coding",
    });
  });

  test("what inflates to more than the limit is too large, in one coding or through two", async () => {
    const bomb = Buffer.alloc(limits.inflatedBytes + 1);
    for (const [header, bytes] of [
      ["gzip", zlib.gzipSync(bomb)],
      ["deflate", zlib.deflateSync(bomb)],
      ["deflate", zlib.deflateRawSync(bomb)],
      ["br", zlib.brotliCompressSync(bomb, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
      ["gzip, gzip", zlib.gzipSync(zlib.gzipSync(bomb))],
    ] as const)
      expect(await text(bytes, header)).toEqual({ refused: "too_large" });
  });

  test("nothing at all bears any coding", async () => {
    expect(await text(new Uint8Array(0), "gzip")).toEqual(["", [], []]);
  });

  test("a host without more says what it can", () => {
    expect(supportedCodings()).toBe("gzip, deflate, identity");
    expect(supportedCodings(nodeDecoders)).toContain("br");
  });
});
