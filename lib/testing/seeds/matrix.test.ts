import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { account } from "./account.mjs";
import { seeds } from "./matrix.mjs";

const here = path.resolve(import.meta.dirname);
const words = (text: string) => text.split(/\s+/).filter(Boolean).join(" ");
const files = new Map<string, string>();
const textOf = (file: string): string => {
  const text = files.get(file) ?? (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
  files.set(file, text);
  return text;
};

test.each(Object.entries(seeds))(
  "every sentence of the %s is in it, in order, and no other",
  (name, sentences) => {
    const document = words(fs.readFileSync(path.join(here, `${name}.txt`), "utf8"));
    expect(words(sentences.map(([says]) => says).join(" "))).toBe(document);
  },
);

test.each(Object.entries(seeds))("what the %s ask for names tests that are there", (_, sentences) => {
  const missing = sentences.flatMap(([, shown]) =>
    Array.isArray(shown)
      ? [...shown, ...(shown.length === 0 ? ["no test > "] : [])].filter((one) => {
          const [file = "", name = ""] = one.split(" > ", 2);
          // What is filled in when the test is run is not in its name then.
          return name === "" || /%[a-z]/.test(name) || !textOf(file).includes(name);
        })
      : [],
  );
  expect(missing).toEqual([]);
});

test("a sentence is shown by tests that passed, and counted by what it says of itself", () => {
  const tests = ["a.test.ts > x", "a.test.ts > y"];
  const of = (passed: string[]) =>
    account(
      {
        one: [
          ["Asks.", tests],
          ["Asks later.", { open: 12 }],
          ["Title", "a heading"],
        ],
      },
      passed,
    );
  expect(of(["a.test.ts > group x", "a.test.ts > group y"])).toEqual({
    asked: 2,
    shown: 1,
    open: [{ id: "one-2", issue: 12 }],
    failed: [],
  });
  expect(of(["a.test.ts > group x", "b.test.ts > group y"]).failed).toEqual([
    { id: "one-1", says: "Asks.", tests: ["a.test.ts > y"] },
  ]);
});
