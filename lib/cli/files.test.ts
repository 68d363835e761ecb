import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readText, writeFile, writeFiles } from "./files";

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const at = (...parts: string[]) => path.join(dir, ...parts);

it("leaves every file as it was when one of them cannot be written", async () => {
  fs.writeFileSync(at("a"), "old");
  fs.writeFileSync(at("blocked"), "a file where a folder should be");
  await expect(
    writeFiles([
      [at("a"), "new"],
      [at("blocked", "b"), "new"],
    ]),
  ).rejects.toMatchObject({ name: "CliFailure", exitCode: 10 });
  expect(fs.readFileSync(at("a"), "utf8")).toBe("old");
  expect(fs.readdirSync(dir).sort()).toEqual(["a", "blocked"]);
});

it("makes folders, follows links and keeps modes", async () => {
  fs.writeFileSync(at("real.yaml"), "old", { mode: 0o640 });
  fs.chmodSync(at("real.yaml"), 0o640);
  fs.symlinkSync("real.yaml", at("link.yaml"));
  await writeFiles([
    [at("link.yaml"), "new"],
    [at("jobs", "deep", "a.js"), "fn()"],
  ]);
  expect(fs.readFileSync(at("real.yaml"), "utf8")).toBe("new");
  expect(fs.lstatSync(at("link.yaml")).isSymbolicLink()).toBe(true);
  expect(fs.statSync(at("real.yaml")).mode & 0o777).toBe(0o640);
  expect(await readText(at("jobs", "deep", "a.js"))).toBe("fn()");
});

it("lets nobody else read what is private, also where everybody could before", async () => {
  fs.writeFileSync(at("logins.json"), "{}", { mode: 0o644 });
  await writeFile(at("logins.json"), "secret", { isPrivate: true });
  expect(fs.statSync(at("logins.json")).mode & 0o077).toBe(0);
});

it("says null of what is not there, and refuses what cannot be read", async () => {
  expect(await readText(at("none"))).toBeNull();
  await expect(readText(dir)).rejects.toMatchObject({ name: "CliFailure" });
});
