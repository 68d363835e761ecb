import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isStorable } from "@/lib/text";
import { messageFormats } from "@/lib/words";
import { readBody } from "./read";

const read = async (
  body: string | Uint8Array,
  contentType: string | null,
  contentEncoding: string | null = null,
) => {
  const done = await readBody(typeof body === "string" ? Buffer.from(body) : body, {
    contentType,
    contentEncoding,
  });
  if ("refused" in done) throw new Error(done.refused);
  return done;
};

describe("JSON under its names", () => {
  test.each([
    "application/json",
    "Application/JSON;charset=UTF-8",
    "application/fhir+json; fhirVersion=4.0",
    "application/json+fhir",
    "application/vnd.api+json",
    "text/json",
    "text/x-json",
    "application/x-json",
    "application/javascript",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "application/xml",
    "multipart/form-data",
    "*/*",
    "",
    null,
  ])("%s", async (type) => {
    expect(await read('{"a":1}', type)).toMatchObject({ format: "json", matchable: '{"a":1}', view: null });
  });

  test.each([
    ["application/json", "17", "json"],
    ["application/json+fhir", '"x"', "json"],
    ["text/plain", "17", "text"],
    [null, "17", "text"],
    ["application/x-ndjson", '{"a":1}', "text"],
    ["application/jsonl", "[1]", "text"],
    ["text/csv", "[1]", "text"],
    ["application/hl7-v2", "{}", "text"],
    ["application/json", "{,}", "text"],
    ["application/json", "", "empty"],
    [null, "", "empty"],
    ["image/png", "", "empty"],
  ])("%s: %s is %s", async (type, body, format) => expect((await read(body, type)).format).toBe(format));

  test("nothing is {}, and exact decimals stay as they are written", async () => {
    expect((await read("", "text/plain")).matchable).toBe("{}");
    const exact = '{"a":9007199254740993,"b":1.50,"c":1e400}';
    expect((await read(exact, "application/json")).matchable).toBe(exact);
    const utf16 = await read(Buffer.from(exact, "utf16le"), "application/json");
    expect([utf16.matchable, utf16.view]).toEqual([exact, exact]);
  });
});

test("whatever comes, it is read, and what is kept of it can be stored and shown", async () => {
  const type = fc.constantFrom(
    ...["application/json", "text/xml", "text/plain; charset=utf-16", "application/x-www-form-urlencoded"],
    ...[
      "multipart/form-data; boundary=b",
      "application/hl7-v2",
      "text/csv; charset=shift_jis",
      "image/png",
      "",
      "a/b;;==",
    ],
  );
  const piece = fc.oneof(
    fc.constantFrom(
      "--b\r\n",
      "--b--",
      'Content-Disposition: form-data; name="a[b]"\r\n\r\n',
      "<a>",
      "</a>",
      "&#0;",
      "&amp;",
    ),
    fc.constantFrom(
      "a[b]=",
      "&",
      "%00",
      "%ff",
      "{",
      "}",
      '"\\ud800"',
      "[",
      "]",
      ":",
      "MSH|^~\\&|",
      "\u0000",
      "\ufeff",
    ),
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(piece, { maxLength: 14 }).map((pieces) => Uint8Array.from(Buffer.from(pieces.join("")))),
  );
  const coding = fc.constantFrom(null, "", "identity", "utf-8", "gzip", "deflate", "br");
  await fc.assert(
    fc.asyncProperty(body, type, coding, async (bytes, contentType, contentEncoding) => {
      const done = await readBody(bytes, { contentType, contentEncoding });
      if ("refused" in done) {
        expect(contentEncoding).toMatch(/gzip|deflate|br/);
        return;
      }
      expect(messageFormats).toContain(done.format);
      expect(isStorable(done.preview)).toBe(true);
      const meaning: unknown = JSON.parse(done.matchable);
      if (done.view !== null) expect(done.view).toBe(done.matchable);
      if (done.format !== "json") expect(isStorable(meaning)).toBe(true);
      // Search reads such bytes as UTF-8 in the database, which takes no others.
      if (done.view === null && (done.format === "text" || done.format === "json"))
        expect(new TextDecoder("utf-8", { fatal: true }).decode(bytes)).not.toContain("\0");
    }),
    { numRuns: 3000 },
  );
});
