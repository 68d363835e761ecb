import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleEntries, entries } from "./entries.mjs";

const { inbox, web, engine, runner } = entries;
const names = ["inbox", "engine", "runner"];
let dir: string;
beforeAll(async () => {
  // Where no packages are.
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-entries-"));
  await bundleEntries(dir, { inbox, web, engine, runner });
}, 60_000);
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

describe("what serves without Next", () => {
  it.each(names)("has its packages within: %s comes as far as its settings", (name) => {
    const env = { PATH: process.env.PATH, NODE_ENV: "production", PORT: "none" } as const;
    const { status, stderr } = spawnSync(process.execPath, [path.join(dir, `${name}.mjs`)], {
      env,
      encoding: "utf8",
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain("PORT");
    expect(stderr).not.toContain("ERR_MODULE_NOT_FOUND");
  });

  it("has no letter that would double its text in memory", () => {
    for (const name of fs.readdirSync(dir).filter((file) => file.endsWith(".mjs")))
      expect(fs.readFileSync(path.join(dir, name), "utf8"), name).not.toMatch(/[^\0-\xff]/);
  });
});
