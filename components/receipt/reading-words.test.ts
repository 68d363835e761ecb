import { expect, test } from "vitest";
import { charsetSources, messageFormats, readingNotes } from "@/lib/words";
import { fileInWords, oddities, readingInWords, redactedInWords } from "./reading-words";

const file = { field: "photo", name: "1.jpg", type: "image/jpeg", start: 100, end: 120 };

test.each([
  ["JSON, UTF-8", { format: "json", contentType: null, reading: null }],
  [
    "form, windows-1252 as declared",
    { format: "form", contentType: null, reading: { charset: { name: "windows-1252", from: "declared" } } },
  ],
  ["multipart form, UTF-8, 1 file", { format: "multipart", contentType: null, reading: { files: [file] } }],
  [
    "multipart form, UTF-8, 2 files",
    { format: "multipart", contentType: null, reading: { files: [file, file] } },
  ],
  ["HL7 v2 text, UTF-8", { format: "text", contentType: "x-application/hl7-v2+er7", reading: null }],
  ["CSV text, UTF-8", { format: "text", contentType: "text/csv; header=present", reading: null }],
  [
    "JSON, UTF-8, unpacked (gzip, br)",
    { format: "json", contentType: null, reading: { codings: ["gzip", "br"] } },
  ],
  ["text as chosen, UTF-8", { format: "text", contentType: "text/plain", reading: { chosen: true } }],
  ["bytes, not text", { format: "binary", contentType: "image/png", reading: null }],
] as const)("%s", (words, read) => {
  expect(readingInWords(read as unknown as Parameters<typeof readingInWords>[0])).toBe(words);
});

test("every format, source and note has words", () => {
  for (const format of messageFormats)
    for (const from of charsetSources)
      expect(
        readingInWords({ format, contentType: null, reading: { charset: { name: "x", from } } }),
      ).not.toContain("undefined");
  const said = oddities({
    notes: [...readingNotes],
    parameters: [
      ["a", "1"],
      ["a", "2"],
    ],
  });
  expect(said).toHaveLength(readingNotes.length + 1);
  expect(said.every((sentence) => sentence.length > 20)).toBe(true);
});

test("a file says what it is", () => expect(fileInWords(file)).toBe("1.jpg, image/jpeg, 20 B"));

test("what was redacted is said by its paths", () => {
  expect(redactedInWords({ redacted: ["$.data.name", "$..id"] })).toBe("$.data.name, $..id");
  expect(redactedInWords({ redacted: [] })).toContain("same name");
  expect(redactedInWords({ codings: ["gzip"] })).toBeNull();
  expect(redactedInWords(null)).toBeNull();
});
