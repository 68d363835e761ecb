import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

/**
 * What is large and needed only by some acts, such as writing code, is imported when it is needed: `import()`, or
 * next/dynamic, or, of what opens above a page, components/ui/late.ts. From each page, static imports are followed into what is sent to browsers: files that say "use client",
 * and whatever those import. e2e/weight.spec.ts weighs what comes of it.
 */
const pages = fs
  .readdirSync("app", { recursive: true, encoding: "utf8" })
  .filter((file) => /(^|[\\/])(page|layout|error|loading|not-found)\.tsx$/.test(file))
  .map((file) => path.posix.join("app", file.replaceAll(path.sep, "/")));

const large =
  /^(zod|acorn|croner|prettier|cronstrue|yaml|next-auth|@xyflow\/react|@dagrejs\/dagre|@uiw\/|@codemirror\/|@lezer\/)|^\.\/(dialog-parts|menu-parts|popover-parts|choice-list)$/;

/** Modules that a file imports as soon as it is loaded; types are none. */
function importsOf(text: string): string[] {
  const found: string[] = [];
  for (const [, isType, names = "", from = ""] of text.matchAll(
    /^(?:import|export)\s+(type\s+)?([\w\s{},*$]*?)(?:\s*from\s+)?"([^"]+)"/gm,
  )) {
    const named = /^\{([^}]*)\}$/.exec(names.trim())?.[1]?.split(",") ?? [];
    const isAllTypes = named.length > 0 && named.every((name) => !name.trim() || /^\s*type\s/.test(name));
    if (!isType && !isAllTypes) found.push(from);
  }
  return found;
}

function fileOf(from: string, specifier: string): string | null {
  const base = specifier.startsWith("@/")
    ? specifier.slice(2)
    : specifier.startsWith("./")
      ? path.posix.join(path.posix.dirname(from), specifier)
      : null;
  if (base === null) return null;
  const kinds = ["", ".ts", ".tsx", "/index.ts"].map((kind) => base + kind);
  return kinds.find((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile()) ?? null;
}

/** Chains of static imports that lead from a file to something large in a browser. */
function chainsFrom(entry: string): string[] {
  const chains: string[] = [];
  const seen = new Set<string>();
  const open = [{ file: entry, chain: [] as string[], isSent: false }];
  for (let here = open.pop(); here; here = open.pop()) {
    const text = fs.readFileSync(here.file, "utf8");
    const isSent = here.isSent || /^"use client"/.test(text);
    if (seen.has(`${here.file} ${isSent}`)) continue;
    seen.add(`${here.file} ${isSent}`);
    const chain = [...here.chain, here.file];
    for (const specifier of importsOf(text)) {
      const next = fileOf(here.file, specifier);
      if (next && /\.(tsx?|mjs)$/.test(next)) open.push({ file: next, chain, isSent });
      if (isSent && large.test(specifier)) chains.push([...chain, specifier].join(" > "));
    }
  }
  return chains;
}

it("finds the pages", () => expect(pages.length).toBeGreaterThan(40));

it.each(pages)("%s loads nothing large before it is needed", (page) => {
  expect(chainsFrom(page)).toEqual([]);
});

it("follows imports, not types, and finds what is large behind them", () => {
  const text = [
    'import type { z } from "zod";',
    'import { type A, type B } from "./types";',
    'import { z } from "zod";',
    'import "./globals.css";',
    'import Link from "next/link";',
    'export { a } from "./a";',
    'const later = () => import("prettier");',
    'export const Later = dynamic(() => import("acorn"));',
  ].join("\n");
  expect(importsOf(text)).toEqual(["zod", "./globals.css", "next/link", "./a"]);
  expect(chainsFrom("components/workflows/canvas.tsx").join("\n")).toContain("> @xyflow/react");
});
