import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

/**
 * What is large and needed only by some acts, such as writing code, is imported when it is needed: `import()`, or
 * next/dynamic. Static imports are followed from what every page loads, and from the pages where workflows are edited.
 */
const entries = [
  "components/providers.tsx",
  "components/shell/top-bar.tsx",
  "components/shell/phone-bar.tsx",
  "components/signed-out/signed-out-dialog.tsx",
  "components/workflows/new/new-workflow.tsx",
  "components/workflows/acts/workflow-menu.tsx",
  "app/(app)/p/[project]/workflows/[workflowId]/client.tsx",
  "app/(app)/p/[project]/workflows/[workflowId]/edit/client.tsx",
];

const large =
  /^(zod|acorn|prettier|cronstrue|yaml|@xyflow\/react|@dagrejs\/dagre|@uiw\/|@codemirror\/|@lezer\/)/;

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

/** Chains of static imports that lead from a file to something large. */
function chainsFrom(entry: string): string[] {
  const before = new Map<string, string | null>([[entry, null]]);
  const chains: string[] = [];
  for (const file of before.keys()) {
    if (!/\.tsx?$/.test(file)) continue;
    for (const specifier of importsOf(fs.readFileSync(file, "utf8"))) {
      const next = fileOf(file, specifier);
      if (next && !before.has(next)) before.set(next, file);
      if (!large.test(specifier)) continue;
      const chain = [specifier];
      for (let at: string | null = file; at; at = before.get(at) ?? null) chain.unshift(at);
      chains.push(chain.join(" > "));
    }
  }
  return chains;
}

it.each(entries)("%s loads nothing large before it is needed", (entry) => {
  expect(chainsFrom(entry)).toEqual([]);
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
