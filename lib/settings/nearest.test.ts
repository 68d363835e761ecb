import { expect, test } from "vitest";
import { nearest } from "./nearest.mjs";

const known = ["cursor", "limit", "text", "jobId", "from", "to"];

test.each([
  ["limt", "limit"],
  ["limti", "limit"],
  ["Limit", "limit"],
  ["jobid", "jobId"],
  ["curser", "cursor"],
  ["form", "from"],
])("%s was meant to be %s", (word, meant) => expect(nearest(word, known)).toBe(meant));

test.each(["page", "x", "", "limitations"])("%s was meant to be nothing known", (word) =>
  expect(nearest(word, known)).toBeUndefined(),
);
