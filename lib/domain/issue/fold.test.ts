import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold } from "./fold";

const cases: [message: string, folded: string][] = [
  ["Patient 1001 was not found", "Patient {number} was not found"],
  ["Patient P-1001 was not found", "Patient P-{number} was not found"],
  ["Timed out after 12.5 seconds (3 of 5)", "Timed out after {number} seconds ({number} of {number})"],
  ["No row 0f8fad5b-d9cb-469f-a165-70867728950e", "No row {id}"],
  ["Object 65f1c9e2a1b2c3d4e5f60718 is gone", "Object {id} is gone"],
  ["Contact 0035e00000XyzAbQAF is locked", "Contact {id} is locked"],
  ["Unknown organisation unit 'Ngelehun CHC'", "Unknown organisation unit {text}"],
  ['"Amina Diallo" is not a "Patient"', "{text} is not a {text}"],
  ["Can't read the clinic's form of 'O'Brien'", "Can't read the clinic's form of {text}"],
  ["“Amina” and «Moussa» and ‘Fatou’ and `x`", "{text} and {text} and {text} and {text}"],
  ["Nothing since 2026-11-25", "Nothing since {date}"],
  ["Nothing since 2026-11-25T08:30:00.123Z in it", "Nothing since {date} in it"],
  [
    "Nothing since 25/11/2026 or Nov 25, 2026 or 25 Nov 2026 at 08:30",
    "Nothing since {date} or {date} or {date} at {date}",
  ],
  ["Mail to amina.diallo@example.org failed", "Mail to {email} failed"],
  ["connect ECONNREFUSED 10.0.0.12:5432", "connect ECONNREFUSED {address}"],
  [
    "GET https://dhis2.org/api/v40/units/a1b2?x=1&y=2 failed",
    "GET https://dhis2.org/api/v40/units/{id}?… failed",
  ],
  ["Request failed with status code 404", "Request failed with status code 404"],
  ["POST to http://a.b/c returned 500: oh", "POST to http://a.b/c returned 500: oh"],
  ["Server says 503 Service Unavailable, ticket 77", "Server says 503 Service Unavailable, ticket {number}"],
  [
    "TypeError: Cannot read properties of undefined (reading 'data')",
    "TypeError: Cannot read properties of undefined (reading {text})",
  ],
  ["\n\n  Failed:\n  row 7 is bad\nand more", "Failed: row {number} is bad"],
  ["Broken\n    at line 4\n    at line 5", "Broken"],
  ["", ""],
];

describe("a message is folded", () => {
  test.each(cases)("%j", (message, folded) => {
    expect(fold(message)).toBe(folded);
  });
});

const frames: ((value: string) => string)[] = [
  (value) => `Could not save ${value} to the registry`,
  (value) => `${value}: no such thing`,
  (value) => `Rejected (${value}), try again`,
];
const word = fc.stringMatching(/^[\p{L} .,?-]{0,20}$/u);
const values: Record<string, fc.Arbitrary<string>> = {
  numbers: fc
    .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }))
    .map(String),
  uuids: fc.uuid(),
  "hexadecimal ids": fc.stringMatching(/^[0-9a-f]{12,40}$/).filter((id) => /\d/.test(id) && /[a-f]/.test(id)),
  moments: fc
    .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2100-01-01") })
    .map((date) => date.toISOString()),
  days: fc
    .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2100-01-01") })
    .map((date) => date.toISOString().slice(0, 10)),
  "quoted texts": word.map((text) => `"${text}"`),
  "texts in single quotes": word.map((text) => `'${text}'`),
  "e-mail addresses": fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,8})?$/).map((name) => `${name}@example.org`),
  "addresses of records": fc.nat(1e9).map((id) => `https://clinic.example/api/visits/${id}`),
};

describe("what differs in nothing but its values reads the same", () => {
  test.each(Object.keys(values))("%s", (kind) => {
    const value = values[kind] ?? fc.constant("");
    fc.assert(
      fc.property(fc.constantFrom(...frames), value, value, (frame, one, other) => {
        expect(fold(frame(one))).toBe(fold(frame(other)));
      }),
    );
  });
});

test("what is folded is one line of at most 300 characters, whatever it was", () => {
  const text = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), ...Object.values(values)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (parts) => {
      const folded = fold(parts.join(" "));
      expect(folded.length).toBeLessThanOrEqual(300);
      expect(folded).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 300 },
  );
});

test("a message made to be slow is folded in a bounded number of steps", () => {
  for (const part of ["'a ", '"', "a@a.", "0x", "1:", "1.1.", "a1_", "https://", "Jan 1 "]) {
    const folded = fold(part.repeat(1_000_000));
    expect(folded.length).toBeLessThanOrEqual(300);
  }
});
