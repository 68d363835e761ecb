import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clientFor } from "./client";
import { type ConfigOptions, readConfig } from "./config";
import { writeLogins } from "./store";
import { withDotEnv } from "./variables";

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const write = (name: string, text: string) => fs.writeFileSync(path.join(dir, name), text);
const home = () => ({ XDG_CONFIG_HOME: path.join(dir, "home") });
const config = async (options: ConfigOptions = {}, env: Record<string, string> = {}) =>
  readConfig(options, await withDotEnv({ ...home(), ...env }, dir), dir);

it("has the places of OpenFn's command line where nothing is said", async () => {
  expect(await config()).toEqual({
    configPath: null,
    specPath: path.join(dir, "project.yaml"),
    isSpecNamed: false,
    statePath: path.join(dir, ".state.json"),
    requireConfirmation: true,
    dryRun: false,
    endpoint: null,
    apiKey: null,
  });
});

it("reads a config with comments, where OpenFn looks and where its documentation puts it", async () => {
  write(
    "config.json",
    '{ // ours\n "apiKey": "k", "endpoint": "https://a.example", "statePath": "s.json", }',
  );
  expect(await config()).toMatchObject({ apiKey: "k", statePath: path.join(dir, "s.json") });
  write(".config.json", '{ "apiKey": "dotted" }');
  expect(await config()).toMatchObject({ apiKey: "dotted", configPath: path.join(dir, ".config.json") });
  expect(await config({ config: "config.json" })).toMatchObject({ apiKey: "k" });
});

it("takes projectState.json for the state where that is what the folder has", async () => {
  write("projectState.json", "{}");
  expect((await config()).statePath).toBe(path.join(dir, "projectState.json"));
  write(".state.json", "{}");
  expect((await config()).statePath).toBe(path.join(dir, ".state.json"));
});

it("options go before variables, ours before OpenFn's, .env before both, and all before the file", async () => {
  write("config.json", '{ "apiKey": "file", "endpoint": "https://file.example" }');
  expect(await config({}, { OPENFN_API_KEY: "theirs" })).toMatchObject({ apiKey: "theirs" });
  expect(await config({}, { OPENFN_API_KEY: "theirs", WAYBILL_API_KEY: "ours" })).toMatchObject({
    apiKey: "ours",
  });
  write(".env", "WAYBILL_API_KEY=dotted\nPATH=/evil\n");
  expect(await config({}, { WAYBILL_API_KEY: "ours" })).toMatchObject({ apiKey: "dotted" });
  expect(await config({}, { WAYBILL_API_KEY: "ours", IGNORE_DOT_ENV: "1" })).toMatchObject({
    apiKey: "ours",
  });
  expect(
    await config({ endpoint: "https://o.example" }, { WAYBILL_ENDPOINT: "https://v.example" }),
  ).toMatchObject({
    endpoint: "https://o.example",
  });
  expect(await withDotEnv({ PATH: "/bin" }, dir)).toMatchObject({ PATH: "/bin" });
});

it("gives a kept token to its own server only", async () => {
  await writeLogins(home(), { endpoint: "https://a.example", tokens: { "https://a.example": "ta" } });
  expect(await config()).toMatchObject({ endpoint: "https://a.example", apiKey: "ta" });
  expect(await config({ endpoint: "https://a.example/api/provision" })).toMatchObject({ apiKey: "ta" });
  expect(await config({ endpoint: "https://b.example" })).toMatchObject({ apiKey: null });
  expect(await config({ endpoint: "http://a.example" })).toMatchObject({ apiKey: null });
  expect(fs.statSync(path.join(dir, "home/waybill/logins.json")).mode & 0o077).toBe(0);
});

it.each([
  ['{ "apiKey": "k"\n "endpoint": 1 }', /config.json:2 is not JSON/],
  ['{ "apiKey": 7 }', /config.json: apiKey: /],
  ["[]", /config.json: /],
])("refuses %j with the place", async (text, message) => {
  write("config.json", text);
  await expect(config()).rejects.toThrow(message);
});

it("refuses a config that was named and is not there", async () => {
  await expect(config({ config: "other.json" })).rejects.toThrow(/File not found: .*other.json/);
});

it.each([
  [{}, "Missing API key"],
  [{ apiKey: "k" }, "Missing endpoint"],
  [{ apiKey: "k", endpoint: "there" }, "Invalid endpoint"],
  [{ endpoint: "file:///etc" }, "Invalid endpoint"],
  [{ apiKey: "k", endpoint: "https://ada:secret@a.example" }, "Invalid endpoint"],
  [{ apiKey: "k", endpoint: "https://secret@a.example/api" }, "Invalid endpoint"],
  [{ apiKey: "k\nx: y", endpoint: "https://a.example" }, "Invalid API key"],
])("%j makes no client: %s", async (told, message) => {
  const usual = await config();
  expect(() => clientFor({ ...usual, ...told }, new AbortController().signal)).toThrow(
    expect.objectContaining({ message, exitCode: 10 }),
  );
});

it("sends a token of the environment nowhere else because a repository's .env says so", async () => {
  const told = { WAYBILL_API_KEY: "mine", WAYBILL_ENDPOINT: "https://a.example" };
  write(".env", "OPENFN_ENDPOINT=https://evil.example\n");
  expect(await config({}, told)).toMatchObject({ endpoint: "https://a.example", apiKey: "mine" });
  for (const theirs of ["WAYBILL_ENDPOINT=https://evil.example", "WAYBILL_ENDPOINT=http://a.example"]) {
    write(".env", `${theirs}\n`);
    await expect(config({}, told)).rejects.toThrow(/.env names another server/);
    // Ours goes before: it is the token that would be sent.
    write(".env", `${theirs}\nOPENFN_API_KEY=theirs\n`);
    await expect(config({}, told)).rejects.toThrow(/.env names another server/);
  }
  expect(await config({}, { ...told, IGNORE_DOT_ENV: "1" })).toMatchObject({ endpoint: "https://a.example" });
  write(".env", "WAYBILL_ENDPOINT=https://b.example\nWAYBILL_API_KEY=theirs\n");
  expect(await config({}, told)).toMatchObject({ endpoint: "https://b.example", apiKey: "theirs" });
  write(".env", "WAYBILL_ENDPOINT=https://a.example/api/provision\n");
  expect(await config({}, told)).toMatchObject({ apiKey: "mine" });
});
