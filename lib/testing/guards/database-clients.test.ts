import { expect, test } from "vitest";
import { sources } from "./sources";

/** Beside the only place that opens connections: what stands in for Neon's servers in tests is none of ours. */
const opener = "db/client.ts";

test("connections to the database are opened in db/client.ts alone, which listens to the errors of each", () => {
  const files = sources(["app", "components", "db", "inngest", "lib"], /\.(ts|tsx|mjs)$/);
  const opened = files
    .filter(({ file }) => file !== opener)
    .filter(({ text }) => /\bnew\s+\(?[\w.]*(Client|Pool)\b\)?\s*\(/.test(text))
    .filter(({ text }) => /from "(pg|@neondatabase\/serverless)"/.test(text));
  expect(opened.map(({ file }) => file)).toEqual([]);
  const opens = files
    .filter(({ file }) => file === opener || file === "db/listen.ts")
    .map(({ text }) => text);
  const count = (what: RegExp) => opens.reduce((sum, text) => sum + (text.match(what)?.length ?? 0), 0);
  const made = count(/\bnew\s+(\(clientOf\(driver\)\)|[\w.]*(Client|Pool))\s*\(/g);
  expect(made).toBeGreaterThan(4);
  // The pool is one of two drivers'.
  expect(count(/\.on\(\s*"error"/g)).toBeGreaterThanOrEqual(made - 1);
});
