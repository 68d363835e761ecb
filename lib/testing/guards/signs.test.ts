import fs from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { sources } from "./sources";

const { resolve } = createRequire(import.meta.url);

/** First and last code point of each part of a font that a browser fetches for our own words: Latin. */
function latinOf(font: string): [number, number][] {
  const css = fs.readFileSync(resolve(`${font}/index.css`), "utf8");
  const ranges = [...css.matchAll(/unicode-range: ([^;]+);/g)].map(([, list = ""]) => list);
  const latin = ranges.find((list) => list.startsWith("U+0000-00FF")) ?? "";
  return latin.split(",").map((range) => {
    const [first = "", last = first] = range.slice(2).split("-");
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  });
}

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/[^\n]*/g, "");

test.each(["@fontsource-variable/geist", "@fontsource-variable/geist-mono"])(
  "our own words have no sign that the font which is sent (%s) lacks: a machine without it shows a box",
  (font) => {
    const latin = latinOf(font);
    expect(latin.length).toBeGreaterThan(10);
    const isIn = (sign: string) =>
      latin.some(
        ([first, last]) => (sign.codePointAt(0) ?? 0) >= first && (sign.codePointAt(0) ?? 0) <= last,
      );
    const lacking = sources(["app", "components", "lib/templates", "lib/editor", "lib/domain"]).flatMap(
      ({ file, text }) =>
        [...new Set(withoutComments(text))].filter((sign) => !isIn(sign)).map((sign) => `${file}: ${sign}`),
    );
    expect(lacking).toEqual([]);
  },
);
