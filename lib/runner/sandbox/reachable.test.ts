import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { reachableByAll } from "./reachable";

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("a file in a private folder is copied to where other users can read it", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-private-"));
  const file = path.join(folder, "program");
  fs.writeFileSync(file, "content", { mode: 0o600 });
  const copy = reachableByAll(file);
  expect(copy).not.toBe(file);
  expect(fs.readFileSync(copy, "utf8")).toBe("content");
  expect(fs.statSync(copy).mode & 0o777).toBe(0o755);
  expect(reachableByAll(file)).toBe(copy);
  fs.rmSync(copy);
  fs.rmSync(folder, { recursive: true });
});

test("a file that everybody reads stays where it is", () => {
  const file = fs.realpathSync("/bin/sh");
  expect(reachableByAll(file)).toBe(file);
});
