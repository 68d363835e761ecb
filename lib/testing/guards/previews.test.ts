import { expect, test } from "vitest";
import { sources } from "./sources";

/** Those that may, and why. */
const others: Record<string, string> = {
  "lib/domain/person/places/messages.ts": "Looks in the whole body first.",
};

test("whoever shows how a message begins takes it from where that is (lib/body/beginning.ts)", () => {
  const readers = sources(["lib", "app", "inngest", "components"])
    .filter(({ file }) => !/^lib\/(testing|bench)\//.test(file))
    .filter(({ text }) => /\b(m|messages)\.preview\b/.test(text))
    .map(({ file }) => file);
  expect(readers).toEqual(Object.keys(others));
});
