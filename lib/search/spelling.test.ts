import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutAt, marksIn } from "./marks";
import { readSpelling, withoutEscapes } from "./spelling";
import { searchTerms } from "./terms";

describe("a body's text with its escapes read", () => {
  test.each([
    ["json", '"Am\\u00e9lie"', '"Amélie"'],
    ["json", '"\\\\u00e9 \\"q\\" \\n\\/"', '"\\u00e9 "q" \n/"'],
    ["json", '"\\ud83d\\uDE0A \\ud83d"', '"😊 \ufffd"'],
    ["form", "a=caf%C3%A9+100%25+%zz&b=%E9", "a=café 100% %zz&b=%E9"],
    [
      "xml",
      "<a>Am&#233;lie &#xe9; &lt;&amp;lt; &eacute; &#99999999;</a>",
      "<a>Amélie é <&lt; &eacute; &#99999999;</a>",
    ],
    ["text", "a\\u00e9 %41 &amp;", undefined],
    ["json", '{"plain":1}', undefined],
  ] as const)("%s %s", async (format, text, said) => {
    expect(await withoutEscapes(format, text)).toBe(said);
    expect(readSpelling(format, text)?.text).toBe(said);
  });
});

test("what was found is marked where it was written, escapes whole", () => {
  const raw = '{"a":"x Am\\u00e9lie \\ud83d\\ude0a","b":"\\u00e9\\u00e8t"}';
  const read = readSpelling("json", raw);
  const marked = (search: string) => {
    const marks = marksIn(read?.text ?? "", searchTerms(search)).map((mark) => read?.written(mark) ?? mark);
    return cutAt(raw, marks).filter((_, index) => index % 2 === 1);
  };
  expect(marked("amélie")).toEqual(["Am\\u00e9lie"]);
  expect(marked("😊")).toEqual(["\\ud83d\\ude0a"]);
  expect(marked("èt")).toEqual(["\\u00e9\\u00e8t"]);
  expect(marked("b")).toEqual(["b"]);
});

test("every piece leads back to what says it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "\\n", "\\u00e9", "\\\\", "b"), { maxLength: 12 }),
      (pieces) => {
        const raw = pieces.join("");
        const read = readSpelling("json", raw);
        if (!read) return;
        for (let start = 0; start < read.text.length; start++) {
          const { start: from, end: to } = read.written({ start, end: start + 1 });
          const said = readSpelling("json", raw.slice(from, to))?.text ?? raw.slice(from, to);
          expect(said).toContain(read.text[start]);
        }
      },
    ),
  );
});
