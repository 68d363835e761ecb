import { expect, test } from "vitest";
import { sources } from "./sources";

/** This many equal lines in a row, blanks and imports left out, are one piece of code written twice. */
const tooMany = 10;

type Line = { text: string; at: number };

/** Lines that say something: no blank ones, imports and other lists of names, comments or lone brackets. */
const meaningful = (text: string): Line[] =>
  text
    .split("\n")
    .map((line, i) => ({ text: line.trim(), at: i + 1 }))
    .filter(
      ({ text: line }) =>
        !/^(import .*|\} from .*|(type )?\w+( as \w+)?,|"[^"]*",|\/?\*.*|\/\/.*|[\])}>;,/]*)$/.test(line),
    );

test("no piece of code stands in two places", () => {
  const seen = new Map<string, string>();
  const twice = new Set<string>();
  for (const { file, text } of sources(["lib", "db", "inngest", "app", "components"], /\.(ts|tsx|mjs)$/)) {
    const lines = meaningful(text);
    for (let i = 0; i + tooMany <= lines.length; i++) {
      const window = lines.slice(i, i + tooMany);
      const key = window.map((line) => line.text).join("\n");
      const here = `${file}:${window[0]?.at}`;
      const before = seen.get(key);
      if (before && before !== here) twice.add(`${before} and ${here}`);
      else seen.set(key, here);
    }
  }
  expect([...twice]).toEqual([]);
});
