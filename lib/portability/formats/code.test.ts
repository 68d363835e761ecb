import { describe, expect, it } from "vitest";
import { openFiles } from "./open";

describe("code that does not compile", () => {
  const yaml = (body: string) =>
    `name: p\nworkflows:\n  w:\n    name: W\n    jobs:\n      a:\n        name: A\n        adaptor: x\n        body: |\n${body
      .split("\n")
      .map((line) => `          ${line}`)
      .join("\n")}\n`;
  const report = (body: string) => openFiles({ "project.yaml": yaml(body) });

  it.each([
    ["fn(state => {", "SyntaxError in its line 2"],
    ["fn(s => s);\nfn(s => { return });\n}", "SyntaxError in its line 3"],
  ])("is imported, and told with its job and line: %j", (body, said) => {
    const result = report(body);
    expect(result.spec && result.report).toEqual([
      expect.stringMatching(/^project.yaml, line 6 \(workflows\/w\/jobs\/a\): Its code does not compile/),
    ]);
    expect(result.spec && result.report.join()).toContain(said);
  });

  it("is not looked for where there is too much of it, and that is told", () => {
    const long = `name: p\nworkflows:\n  w:\n    name: W\n    jobs:\n${["a", "b", "c"]
      .map((key) => `      ${key}: { name: ${key}, adaptor: x, body: { path: ${key}.js } }\n`)
      .join("")}`;
    const big = `${"// x\n".repeat(150_000)}(`;
    const result = openFiles({ "project.yaml": long, "a.js": big, "b.js": big, "c.js": "(" });
    expect(result.spec && result.report).toEqual([
      expect.stringContaining("jobs/a): Its code does not compile"),
      expect.stringContaining("jobs/c): Its code does not compile"),
      "The code of one job was not compiled yet: there is much of it. Runs will show.",
    ]);
  });
});
