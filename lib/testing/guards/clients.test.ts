import { expect, test } from "vitest";
import { sources } from "./sources";

/** What a browser must never load, directly or through what it imports: the database, keys, and the server's rooms. */
const servers =
  /^(db|inngest|lib\/(auth|crypto|env|execution|http|inbox|live|mail|processes|queue|runner))(\/|$)/;
/** Words about signing in, for the pages that lead back; the compiler, which checks code as it is typed. */
const pure = /^lib\/(auth\/next-path|runner\/compiler\/(?!compile-|thread))/;

const files = new Map(
  sources(["lib", "db", "inngest", "app", "components"]).map(({ file, text }) => [file, text]),
);

/** Modules whose values a source loads; types are gone before anything runs. */
const loaded = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"/gms)].map(
    (match) => match[1] ?? "",
  );

function resolve(from: string, specifier: string): string | undefined {
  const base = specifier.startsWith("@/")
    ? specifier.slice(2)
    : specifier.startsWith("./")
      ? `${from.slice(0, from.lastIndexOf("/") + 1)}${specifier.slice(2)}`
      : undefined;
  if (base === undefined) return undefined;
  return (
    [".ts", ".tsx", "/index.ts", "/index.tsx"].map((end) => base + end).find((file) => files.has(file)) ??
    base
  );
}

/** How a client file comes to load a server's module, as a path of files; null when it does not. */
function wayToServer(file: string, seen = new Set<string>()): string[] | null {
  for (const specifier of loaded(files.get(file) ?? "")) {
    const target = resolve(file, specifier);
    if (!target || seen.has(target)) continue;
    seen.add(target);
    const module = target.replace(/\.tsx?$/, "");
    if (servers.test(module) && !pure.test(module)) return [file, target];
    const onward = wayToServer(target, seen);
    if (onward) return [file, ...onward];
  }
  return null;
}

test("no page in the browser loads the database, keys or the server's rooms", () => {
  const clients = [...files].filter(([, text]) => /^"use client";/.test(text)).map(([file]) => file);
  expect(clients.length).toBeGreaterThan(50);
  expect(clients.flatMap((file) => wayToServer(file)?.join(" → ") ?? [])).toEqual([]);
});
