import { expect, test } from "vitest";
import { csvOf } from "./csv";

test("CSV quotes what would break it, and lets no text be a formula", () => {
  const rows = [
    { a: 'say "hi", twice', b: 1 },
    { a: "two\nlines", b: null },
    { a: "=1+1", b: -2 },
    { a: "@x", b: 0 },
  ];
  const csv = csvOf<(typeof rows)[number]>(
    [
      ["a", ({ a }) => a],
      ["b", ({ b }) => b],
    ],
    rows,
  );
  expect(csv).toBe(`\uFEFFa,b\r\n"say ""hi"", twice",1\r\n"two\nlines",\r\n'=1+1,-2\r\n'@x,0\r\n`);
});
