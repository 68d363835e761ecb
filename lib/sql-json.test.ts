import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlJson, sqlJsonText } from "./sql-json";

test("keys and texts lose what PostgreSQL cannot hold, and nothing else is touched", () => {
  const text = '{ "k\\u0000": ["a\\u0000b", "\\ud800", "\\ud83d\\ude00", 9007199254740993, 1.50, -0] }';
  const clean = '{ "k\ufffd": ["a\ufffdb", "\ufffd", "\\ud83d\\ude00", 9007199254740993, 1.50, -0] }';
  expect(sqlJsonText(text)).toBe(clean);
  expect(sqlJsonText('{"plain":"\\\\u0000 as text"}')).toBe('{"plain":"\\\\u0000 as text"}');
  expect(sqlJson({ ["__proto__"]: "\0" })).toBe('{"__proto__":"�"}');
  expect(sqlJsonText('{"__proto__":{"a":"\\u0000"}}')).toBe('{"__proto__":{"a":"\ufffd"}}');
});

test("numbers that numeric cannot hold become text", () => {
  const huge = "1".repeat(20_000);
  expect(sqlJsonText(`[1e400,-1e-400,1e999999,1E+0000001,1e-20000]`)).toBe(
    `[1e400,-1e-400,"1e999999",1E+0000001,"1e-20000"]`,
  );
  expect(sqlJsonText(`{"n":${huge},"m":${"7".repeat(400)}}`)).toBe(
    `{"n":"${huge.slice(0, 10_000)}","m":${"7".repeat(400)}}`,
  );
});

test("what is nested too deeply is cut, however deep it is", () => {
  const deep = `${'{"a":['.repeat(50_000)}1${"]}".repeat(50_000)}`;
  const cut = sqlJsonText(`[${deep},2]`);
  expect(cut).toContain('"…"');
  expect(JSON.parse(cut)[1]).toBe(2);
  expect(
    Math.max(
      ...[...cut].map(
        (
          (depth) => (c) =>
            (depth += "[{".includes(c) ? 1 : "]}".includes(c) ? -1 : 0)
        )(0),
      ),
    ),
  ).toBe(500);
});

test("a value that is deeper than any stack is cut, too", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i += 1) deep = i % 2 ? [deep] : { a: deep };
  expect(sqlJson({ deep })).toContain('"…"');
});

test("whatever is written is JSON again, without what is refused", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), (text) => {
      expect(JSON.stringify(JSON.parse(sqlJsonText(text)))).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/);
    }),
  );
});
