import fc from "fast-check";
import { expect, test } from "vitest";
import { tokensOf } from "./tokens";

const coloured = (code: string) =>
  tokensOf(code).flatMap(({ kind, text }) => (kind === null ? [] : [`${kind} ${text}`]));

test("code is coloured by what its pieces are", () => {
  expect(coloured('// why\nconst a1 = "b // c" + 0x1f; /* two\nlines */ return `xa\n`;')).toEqual([
    "comment // why",
    "keyword const",
    'string "b // c"',
    "number 0x1f",
    "comment /* two\nlines */",
    "keyword return",
    "string `xa\n`",
  ]);
  expect(coloured("state.new.if; newer('it\\'s'); 'open\nfn()")).toEqual(["string 'it\\'s'", "string 'open"]);
});

test("the pieces of any text are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (code) => {
      expect(
        tokensOf(code)
          .map(({ text }) => text)
          .join(""),
      ).toBe(code);
    }),
  );
});
