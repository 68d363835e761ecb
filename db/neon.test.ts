import { expect, test } from "vitest";
import { isNeon, withoutPooler } from "./neon";

test.each([
  ["postgresql://u:p@ep-cool-name-123.eu-central-1.aws.neon.tech/db?sslmode=require", true],
  ["postgresql://u:p@127.0.0.1:5432/db", false],
  ["postgresql://u:p@neon.tech.example.org/db", false],
])("%s is Neon: %s", (url, expected) => {
  expect(isNeon(url)).toBe(expected);
});

test.each([
  [
    "postgresql://u:p%40@ep-cool-name-123-pooler.eu-central-1.aws.neon.tech/db?sslmode=require",
    "postgresql://u:p%40@ep-cool-name-123.eu-central-1.aws.neon.tech/db?sslmode=require",
  ],
  ["postgresql://u:p@ep-1.eu.aws.neon.tech/db", "postgresql://u:p@ep-1.eu.aws.neon.tech/db"],
  ["postgresql://u:p@my-pooler.example.org:6543/db", "postgresql://u:p@my-pooler.example.org:6543/db"],
])("notices of %s are heard at %s", (url, direct) => {
  expect(withoutPooler(url)).toBe(direct);
});
