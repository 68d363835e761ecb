import { expect, test } from "vitest";
import { csvOf } from "./csv";

test.each(["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", " =1", "\u00a0@a", "\uff1d1", "\uff20a"])(
  "%j is no formula in CSV",
  (text) => {
    const csv = csvOf<string>([["a", (row) => row]], [text]);
    expect(csv.replaceAll('"', "")).toBe(`\uFEFFa\r\n'${text}\r\n`);
  },
);

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
