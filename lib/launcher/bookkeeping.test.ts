import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptFile } from "./bookkeeping.mjs";
import { until } from "./processes.mjs";
import { readRun, runFile } from "./run-file.mjs";

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

describe("a file of the launcher's own", () => {
  it.each(["ENOSPC", "EROFS", "EMFILE", "ENOENT", "EIO"])(
    "that cannot be written (%s) is said once, tried again, and up to date as soon as it can be",
    async (code) => {
      let isBroken = true;
      const written: string[] = [];
      const said: string[] = [];
      const kept = keptFile("/data/run.json", {
        retryMs: 5,
        say: (words) => said.push(words),
        write: (_file, text) => {
          if (isBroken) throw Object.assign(new Error("no"), { code });
          written.push(text);
        },
      });
      kept.keep("1");
      kept.keep("2");
      kept.keep("3");
      expect(said).toEqual([`/data/run.json cannot be written (${code}); going on without.`]);
      isBroken = false;
      expect(await until(() => written.length > 0, 20_000)).toBe(true);
      expect(written).toEqual(["3"]);
      expect(said.at(-1)).toBe("/data/run.json is up to date again.");
      kept.keep("4");
      expect(written).toEqual(["3", "4"]);
      expect(said).toHaveLength(2);
    },
  );

  it("is there again when its folder was removed", () => {
    const data = path.join(dir, "data");
    const notes = runFile(data);
    notes.note({ port: 1 });
    fs.rmSync(data, { recursive: true });
    notes.process("web", { pid: 1, start: "1" });
    expect(readRun(data)).toMatchObject({ port: 1, processes: { web: { pid: 1 } } });
  });

  it("never throws, whatever stands in its place, and leaves no draft behind", () => {
    const blocked = path.join(dir, "file");
    fs.writeFileSync(blocked, "");
    const inAFile = keptFile(path.join(blocked, "run.json"), { say: () => {} });
    expect(() => inAFile.keep("1")).not.toThrow();
    expect(() => inAFile.remove()).not.toThrow();
    const taken = path.join(dir, "run.json");
    fs.mkdirSync(path.join(taken, "folder"), { recursive: true });
    const onAFolder = keptFile(taken, { say: () => {} });
    expect(() => onAFolder.keep("1")).not.toThrow();
    expect(() => onAFolder.remove()).not.toThrow();
    expect(fs.readdirSync(dir).sort()).toEqual(["file", "run.json"]);
  });
});
