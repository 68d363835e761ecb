import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sourceDigest } from "./sources.mjs";

let dir: string;
const write = (name: string, content: string) => {
  const file = path.join(dir, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
};
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
  write("package-lock.json", "{}");
  write("lib/a.ts", "one");
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

it("changes with the content, the name and the lock file", () => {
  const first = sourceDigest(dir);
  write("lib/a.ts", "two");
  const second = sourceDigest(dir);
  fs.renameSync(path.join(dir, "lib/a.ts"), path.join(dir, "lib/b.ts"));
  const third = sourceDigest(dir);
  write("package-lock.json", '{"lockfileVersion":3}');
  const fourth = sourceDigest(dir);
  write("lib/migrations/0001_tables.sql", "create table a (n int);");
  expect(new Set([first, second, third, fourth, sourceDigest(dir)]).size).toBe(5);
});

it("stays when only tests, dates or other files change", () => {
  const first = sourceDigest(dir);
  write("lib/a.test.ts", "test");
  write("lib/testing/helper.ts", "test");
  write("e2e/story.spec.ts", "test");
  write("README.md", "words");
  write("lib/launcher/start.mjs", "run as it is");
  fs.utimesSync(path.join(dir, "lib/a.ts"), 1, 1);
  expect(sourceDigest(dir)).toBe(first);
});
