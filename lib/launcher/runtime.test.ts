import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { servingNode } from "./runtime.mjs";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-runtime-"));
afterAll(() => fs.rmSync(dir, { recursive: true }));

/** A program that answers so. */
function program(name: string, script: string): string {
  const file = path.join(dir, name);
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

describe("servingNode", () => {
  const own = "/usr/bin/node";
  const brought = program("24", "echo v24.1.0");

  it("is what npm brought along where the own one is older", () => {
    expect(servingNode({ version: "v20.19.0", own, brought })).toBe(brought);
    expect(servingNode({ version: "v22.12.0", own, brought })).toBe(brought);
  });

  it("is the own one where that is new enough, or nothing was brought along", () => {
    expect(servingNode({ version: "v24.0.0", own, brought })).toBe(own);
    expect(servingNode({ version: "v26.1.0", own, brought })).toBe(own);
    expect(servingNode({ version: "v20.19.0", own, brought: null })).toBe(own);
  });

  it.each([
    ["does not start", "exit 127"],
    ["refuses its flags", "echo 'node: bad option' >&2; exit 9"],
    ["is older than it should be", "echo v18.0.0"],
    ["is something else", "echo hello"],
  ])("is the own one where what was brought along %s", (name, script) => {
    expect(servingNode({ version: "v20.19.0", own, brought: program(name, script) })).toBe(own);
    expect(servingNode({ version: "v20.19.0", own, brought: path.join(dir, "nothing") })).toBe(own);
  });

  it("is what this installation has, which may lack what is optional", () => {
    const optional = path.resolve("node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
    expect(servingNode({ version: "v20.19.0", own })).toBe(fs.existsSync(optional) ? optional : own);
  });
});
