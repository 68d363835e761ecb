import { parseAsString, parseAsStringLiteral } from "nuqs/server";
import { expect, it } from "vitest";
import { z } from "zod";
import { cleanHref, strangeParams } from "./strange-params";

const states = ["failed", "success"] as const;
const parsers = { state: parseAsStringLiteral(states), job: parseAsString, from: parseAsString };
const filter = z.strictObject({ state: z.enum(states).optional(), job: z.uuid().optional() });
const sentences = (given: Record<string, string | string[]>) =>
  strangeParams(given, parsers, filter).map(({ sentence }) => sentence);

it.each([
  [{ stat: "failed" }, 'This page knows no "stat". Did you mean "state"?'],
  [{ constructor: "1" }, 'This page knows no "constructor".'],
  [{ state: "faild" }, '"state" cannot be "faild". Did you mean "failed"?'],
  [{ state: ["failed", "success"] }, '"state" stands there more than once.'],
  [{ job: "Payment" }, '"job" cannot be "Payment".'],
])("says what is strange in %j", (given, sentence) => {
  expect(sentences(given as Record<string, string | string[]>)).toEqual([sentence]);
});

it("says nothing of what is obeyed, or empty, or Next's own", () => {
  expect(sentences({ state: "failed", from: "2026-01-01", job: "", _rsc: "abc" })).toEqual([]);
});

it("leads to the same page without it", () => {
  const given = { stat: "failed", from: "2026-01-01", _rsc: "1" };
  expect(cleanHref("/p/1/inbox", given, strangeParams(given, parsers, filter))).toBe(
    "/p/1/inbox?from=2026-01-01",
  );
  expect(cleanHref("/p", { a: "1" }, strangeParams({ a: "1" }, parsers))).toBe("/p");
});
