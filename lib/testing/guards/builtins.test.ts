import { expect, it } from "vitest";
import { sources } from "./sources";

/** Types cost nothing. */
const imported = /^import (?!type\b).*from "(node:)?(http|https|tls)";$/gm;

it("nothing that serves imports what costs memory by being imported (lib/net/builtins.ts)", () => {
  const found = sources(["app", "db", "inngest", "lib"], /\.(ts|tsx|mjs)$/)
    .filter(({ file }) => !file.startsWith("lib/bench/"))
    .flatMap(({ file, text }) => [...text.matchAll(imported)].map(([line]) => `${file}: ${line}`));
  expect(found).toEqual([]);
});
