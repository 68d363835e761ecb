import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testFiles } from "./alone";

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-alone-"));
  fs.mkdirSync(path.join(root, "lib/[id]"), { recursive: true });
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const sorted = (texts: string[]) => {
  texts.forEach((text, index) => {
    fs.writeFileSync(path.join(root, `lib/[id]/${index}.test.ts`), text);
  });
  return testFiles(root, ["lib"]);
};

test("a test file that changes its process has one of its own, and every file is in one of the two lists", () => {
  const changing = [
    'vi.mock("@/db/client");',
    "vi.useFakeTimers();",
    'vi.stubEnv("PORT", "1");',
    'process.env.PORT = "1";',
    "Object.assign(process.env, more);",
    "delete process.env.PORT;",
    "globalThis.fetch = fake;",
    "neonConfig.wsProxy = () => address;",
    "const database = await ownTestDatabase();",
    'import { stopClock } from "@/lib/testing/clock";',
    'import { createWorld } from "./api/world";',
  ];
  expect(sorted(changing)).toEqual({
    alone: changing.map((_, index) => `lib/\\[id\\]/${index}.test.ts`).sort(),
    together: [],
  });
});

test("one that only looks shares", () => {
  const looking = [
    "const runs = Number(process.env.FUZZ_RUNS ?? 40);",
    "const call = vi.fn();",
    "testDatabase();",
  ];
  expect(sorted(looking).together).toHaveLength(looking.length);
});
