import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { limits } from "@/lib/limits";
import { unpack, zipOf } from "./archive";
import { fromTop, withoutToken } from "./sendable";

const zip = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));

describe("an archive that we make", () => {
  test("is the same, byte for byte, of the same files in any order and at any time", () => {
    const [a, b] = ["name: ä\n", "fn(s => s)\r\n"];
    const one = zipOf({ "project.yaml": a, "workflows/w/job.js": b });
    expect(zipOf({ "workflows/w/job.js": b, "project.yaml": a })).toEqual(one);
    // The time of each file: 1980-01-01 00:00, as the format has it.
    expect([...one.slice(10, 14)]).toEqual([0, 0, 0x21, 0]);
    expect(unpack(one)).toEqual({
      files: { "project.yaml": a, "workflows/w/job.js": b },
      problem: null,
    });
  });
});

describe("an archive that somebody brings", () => {
  test("gives its texts from its top, without packages, version control and secrets", () => {
    const found = unpack(
      zip({
        "repo/project.yaml": "name: a",
        "repo/jobs/a.js": "fn(s => s)",
        "repo/.projects/main.yaml": "id: a",
        "repo/.git/config": "x",
        "repo/.github/workflows/deploy.yml": "on: push",
        "repo/node_modules/x/index.js": "x",
        "repo/.env": "TOKEN=1",
        "repo/logo.png": "x",
        "repo/package.json": "{}",
        "repo/config.json": '{ "apiKey": "secret", "endpoint": "https://x" }',
      }),
    );
    expect(Object.keys(found.files ?? {}).sort()).toEqual([
      ".projects/main.yaml",
      "config.json",
      "jobs/a.js",
      "project.yaml",
    ]);
    expect(found.files?.["config.json"]).toBe('{ "apiKey": "", "endpoint": "https://x" }');
  });

  test("is refused when it is too much, before it is inflated, and when it is none", () => {
    const large = "x".repeat(limits.importBytes / 4);
    const many = Object.fromEntries(
      Array.from({ length: limits.importFiles + 1 }, (_, n) => [`${n}.js`, "x"]),
    );
    expect(unpack(zip(many)).problem).toMatch(/more than 500 files/);
    expect(unpack(zip({ "a.js": large })).problem).toMatch(/more than 200 times/);
    const stored = zipSync(
      Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`${n}.js`, strToU8(large)])),
      { level: 0 },
    );
    expect(unpack(stored).problem).toMatch(/bytes/);
    expect(unpack(strToU8("name: x")).problem).toMatch(/no ZIP archive/);
    expect(unpack(zip({ "a.js": "fn(s => s)" }).slice(0, 30)).problem).toMatch(/no ZIP archive/);
  });

  test("that says it is smaller than it is gives no more than it said", () => {
    const lying = zip({ "a.js": "x".repeat(1_000_000) });
    const view = new DataView(lying.buffer, lying.byteOffset);
    const directory = view.getUint32(lying.length - 6, true);
    view.setUint32(directory + 24, 10, true);
    const found = unpack(lying);
    expect(found.files?.["a.js"]?.length ?? 0).toBeLessThanOrEqual(10);
  });
});

test("only a folder that everything is in is left out of the paths", () => {
  expect(fromTop({ "a/b.js": "1", "a/c/d.js": "2" })).toEqual({ "b.js": "1", "c/d.js": "2" });
  expect(fromTop({ "a/b.js": "1", "c.js": "2" })).toEqual({ "a/b.js": "1", "c.js": "2" });
  expect(fromTop({ ".projects/b.yaml": "1" })).toEqual({ ".projects/b.yaml": "1" });
});

test("a token of a config.json is not sent, whatever it is quoted with", () => {
  expect(withoutToken("config.json", `{ apiKey: 'a"b', "api_key": "c\\"d" }`)).toBe(
    `{ apiKey: "", "api_key": "" }`,
  );
  expect(withoutToken("job.js", 'apiKey: "a"')).toBe('apiKey: "a"');
});
