import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { expect, test } from "vitest";
import manifest from "@/package.json" with { type: "json" };
import { denoVersion, shippedAdaptors } from "./shipped";

/** Packages do not always export their package.json. */
function installedVersion(name: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  const dir = main.slice(0, main.lastIndexOf(path.join("node_modules", name)));
  return JSON.parse(fs.readFileSync(path.join(dir, "node_modules", name, "package.json"), "utf8")).version;
}

test.each(Object.values(shippedAdaptors))("$name is pinned, and what is installed", (adaptor) => {
  expect(adaptor.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(adaptor.version).toBe(installedVersion(adaptor.name));
});

test("every platform gets the same Deno", () => {
  expect(denoVersion).toMatch(/^\d+\.\d+\.\d+$/);
  const deno = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith("@deno/"));
  expect(new Set(deno.map(([, version]) => version))).toEqual(new Set([denoVersion]));
});
