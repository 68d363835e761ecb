import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explainInstall, isInstalled, recordMatches } from "./install.mjs";

describe("whether the dependencies are those of the lock file", () => {
  let dir: string;
  const lock = { packages: { "": {}, "node_modules/a": { version: "1.0.0" } } };
  const write = (name: string, content: unknown) => {
    const file = path.join(dir, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(content));
  };
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
    write("package-lock.json", lock);
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  it("is false when nothing is installed", () => {
    expect(isInstalled(dir)).toBe(false);
  });

  it("is true after somebody ran npm ci by hand, and false once the lock file changes", () => {
    write("node_modules/.package-lock.json", { packages: { "node_modules/a": { version: "1.0.0" } } });
    expect(isInstalled(dir)).toBe(true);
    write("package-lock.json", { packages: { "": {}, "node_modules/a": { version: "1.0.1" } } });
    expect(isInstalled(dir)).toBe(false);
  });

  it("misses a package that is absent, but not an optional one of another platform", () => {
    const wanted = {
      packages: { "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "2.0.0" } },
    };
    const record = { packages: { "node_modules/a": { version: "1.0.0" } } };
    expect(recordMatches(wanted, record)).toBe(false);
    const optional = {
      packages: { ...wanted.packages, "node_modules/b": { version: "2.0.0", optional: true } },
    };
    expect(recordMatches(optional, record)).toBe(true);
  });
});

it.each([
  ["npm error code ENOSPC", "The disk is full"],
  ["npm error code ENOTFOUND", "cannot reach its registry"],
  ["npm error code EACCES", "may not write here"],
  ["npm error code EUSAGE", "does not fit package.json"],
  ["npm error something else", "Installing the dependencies failed (exit code 1)"],
])("explains %j with the way out", (output, words) => {
  expect(explainInstall(output, "exit code 1")).toContain(words);
});
