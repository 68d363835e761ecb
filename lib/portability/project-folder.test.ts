import fs from "node:fs";
import { expect, test } from "vitest";
import { parseSpec } from "./parse";
import { toFolder } from "./project-folder";
import type { ProjectSpec } from "./spec";

const specOf = (yaml: string, files: Record<string, string> = {}): ProjectSpec => {
  const parsed = parseSpec(yaml, files);
  if (!parsed.spec) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
};

const readBack = ({ "project.yaml": yaml = "", ...files }: Record<string, string>) => specOf(yaml, files);

test("a project in files is the same project, each job's code as it is in a file of its own", () => {
  const yaml = fs.readFileSync("lib/portability/fixtures/seed-project.yaml", "utf8");
  const spec = specOf(
    yaml,
    Object.fromEntries(
      [...yaml.matchAll(/path: (\S+)/g)].map(([, path = ""]) => [path, `// ${path}\r\nfn(s => s)`]),
    ),
  );
  const files = toFolder(spec);
  expect(Object.keys(files)).toContain("project.yaml");
  expect(files["project.yaml"]).not.toContain("fn(");
  expect(readBack(files)).toEqual(spec);
  expect(toFolder(spec)).toEqual(files);
});

test("names that no system takes for a file, or takes for one, get files of their own", () => {
  const keys = ["a/../b", "A/../B", "con", "...", "ж é", "x".repeat(300), `${"x".repeat(300)}y`];
  const job = (name: string) =>
    `      ${JSON.stringify(name)}: { name: ${JSON.stringify(name)}, adaptor: '@openfn/language-common@3.3.4', body: "fn(s => ${name.length})" }`;
  const workflow = (name: string) =>
    `  ${JSON.stringify(name)}:\n    name: ${JSON.stringify(`${name.slice(0, 200)}${name.length}`)}\n    jobs:\n${keys.map((key) => job(key)).join("\n")}`;
  const yaml = `name: p\nworkflows:\n${keys.map(workflow).join("\n")}\n`;
  const parsed = parseSpec(yaml);
  const spec = parsed.spec ?? specOf(yaml);
  const files = toFolder(spec);
  const paths = Object.keys(files);
  expect(paths).toHaveLength(1 + keys.length ** 2);
  expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length);
  for (const path of paths) {
    expect(path).not.toMatch(/\.\.|\\|[<>:"|?*]|\/con\.js/);
    for (const part of path.split("/")) expect(part.length).toBeLessThan(100);
  }
  expect(readBack(files)).toEqual(spec);
});
