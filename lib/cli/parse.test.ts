import { expect, test } from "vitest";
import { defineOptions } from "./command";
import { parseLine } from "./parse";

const options = defineOptions({
  config: { type: "string", alias: ["c", "config-path"], description: "", default: "x" },
  "no-confirm": { type: "boolean", alias: ["y"], description: "" },
  force: { type: "boolean", alias: ["f"], description: "" },
  snapshots: { type: "array", description: "" },
  limit: { type: "number", description: "" },
  log: { type: "string", description: "", choices: ["info", "debug"] },
});
const line = { name: "pull", options, positionals: [{ name: "projectId", description: "an id" }] };
const read = (text: string) => parseLine(text === "" ? [] : text.split(" "), line);
const usual = {
  config: "x",
  "no-confirm": false,
  force: false,
  snapshots: [],
  limit: undefined,
  log: undefined,
};

test.each([
  ["", {}, []],
  ["id -c a.json", { config: "a.json" }, ["id"]],
  ["-ca.json", { config: "a.json" }, []],
  ["--config=a=b.json", { config: "a=b.json" }, []],
  ["--config-path a", { config: "a" }, []],
  ["--configPath a", { config: "a" }, []],
  ["-y id", { "no-confirm": true }, ["id"]],
  ["--no-confirm", { "no-confirm": true }, []],
  ["--force=true", { force: true }, []],
  ["-f --no-force", { force: false }, []],
  ["id --snapshots a b -f", { snapshots: ["a", "b"], force: true }, ["id"]],
  ["--limit 20", { limit: 20 }, []],
  ["-- --force", {}, ["--force"]],
  ["-", {}, ["-"]],
])("%s", (text, values, positionals) => {
  expect(read(text)).toEqual({ values: { ...usual, ...values }, positionals });
});

test.each([
  ["--forse", /takes no --forse. Did you mean --force\?/],
  ["-x", /takes no -x\./],
  ["a b", /takes no "b"/],
  ["--config", /needs a value/],
  ["--config=", /needs a value/],
  ["--snapshots -f", /needs a value/],
  ["--limit many", /takes a number/],
  ["--log loud", /takes info, debug, not "loud"/],
  ["--force=maybe", /no value but true and false/],
  ["--token abc", /can be read by every program/],
  ["--api-key=abc", /can be read by every program/],
  ["--apiKey abc", /can be read by every program/],
])("%s is refused with what would be obeyed", (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test("a refusal never repeats what may be a token", () => {
  expect(() => read("--token=s3cret")).toThrow(expect.not.stringContaining("s3cret"));
});
