import { describe, expect, it } from "vitest";
import fixture from "./fixtures/spec-validation-cases.json";
import { validateSpec } from "./validate";

describe("OpenFn's recorded validation cases", () => {
  it.each(fixture.cases)("$id $title", ({ input, expect: expected }) => {
    const { problems, doc } = validateSpec(input.projectYaml);
    expect(problems.map(({ path, message }) => ({ path, message }))).toEqual(expected.errors);
    if (expected.doc) expect(doc).toEqual(expected.doc);
  });
});

describe("validateSpec", () => {
  it("says on which line", () => {
    const yaml =
      "name: p\nworkflows:\n  a:\n    name: a\n    jobs:\n      x: {name: x}\n      x: {name: y}\n";
    expect(validateSpec(yaml).problems).toEqual([{ path: "a/x", message: "duplicate id: x", line: 6 }]);
  });

  it("tells broken YAML with its line and a way out", () => {
    const yaml = "name: p\nworkflows:\n  a:\n    jobs:\n      x:\n        body: fn(s => ({ n: 1 }))\n";
    const [first] = validateSpec(yaml).problems;
    expect(first).toMatchObject({ path: "yaml", line: 6 });
    expect(first?.message).toContain('Put "|" after the key');
  });

  it.each(["", "hello", "- a\n- b", "42"])("refuses %j, which is no map", (yaml) => {
    expect(validateSpec(yaml).problems[0]?.message).toMatch(/map that begins with/);
  });

  it("does not unfold anchors without end", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let n = 0; n < 8; n++)
      bomb.push(
        `b${n}: &b${n} [${Array(9)
          .fill(n === 0 ? "*a" : `*b${n - 1}`)
          .join(",")}]`,
      );
    const { problems, doc } = validateSpec(`name: p\n${bomb.join("\n")}\n`);
    expect(doc).toBeNull();
    expect(problems[0]?.message).toContain("anchors");
  });
});
