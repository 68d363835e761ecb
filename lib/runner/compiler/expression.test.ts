import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { CompileError, compileExpression } from "./index";

const decide = (expression: string, state: unknown): unknown =>
  vm.runInNewContext(compileExpression(expression).code)(state);
const errorOf = (expression: string): CompileError => {
  try {
    compileExpression(expression);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`compiles: ${expression.slice(0, 100)}`);
};

describe("conditions", () => {
  it("are JavaScript over state", () => {
    const state = { data: { age: 20, list: [1, 2] }, errors: {} };
    expect(decide("state.data.age > 18", state)).toBe(true);
    expect(decide("!state.errors && true", state)).toBe(false);
    expect(decide("state.data.list.some(x => {\n return x === 2 })", state)).toBe(true);
    expect(decide("// why\nstate.data.age // because", state)).toBe(20);
    expect(decide("(state.data.age), 3", state)).toBe(3);
    expect(decide("({ a: 1 }).a === 1", state)).toBe(true);
    expect(decide("typeof this", state)).toBe("undefined");
  });

  const refused = [
    "",
    "   ",
    "const x = 1",
    "a; b",
    "return true",
    "if (a) b",
    "1)+(2",
    "1); (2",
    "await x",
    "x = await y",
    "yield",
    "import('fs')",
    "import.meta",
    "a >",
    "}",
    "/*",
    "`${",
    "a b",
    "#!x",
  ];
  for (const expression of refused) {
    it(`refuse ${JSON.stringify(expression)}`, () =>
      expect(errorOf(expression)).toBeInstanceOf(CompileError));
  }

  it("say where they are wrong, in their own lines and columns", () => {
    expect(errorOf("state.a >")).toMatchObject({ line: 1, column: 10 });
    expect(errorOf("state.a ==\n  = 1")).toMatchObject({
      line: 2,
      column: 3,
      message: "Unexpected token (2:2)",
    });
    expect(errorOf("state.é + import.meta")).toMatchObject({ type: "SecurityError", line: 1, column: 11 });
  });

  it("place run-time errors exactly", () => {
    for (const [expression, line, column] of [
      ["state.no.thing", 1, 10],
      ["state.a +\n state.no.thing", 2, 11],
    ] as const) {
      const { code, locate } = compileExpression(expression);
      const script = new vm.Script(code, { filename: "job.js", lineOffset: -1 });
      let stack = "";
      try {
        script.runInNewContext()({ a: 1 });
      } catch (error) {
        stack = String((error as Error).stack);
      }
      const [, l, c] = stack.match(/job\.js:(\d+):(\d+)\)?$/m) ?? [];
      expect(locate({ line: Number(l), column: Number(c) })).toEqual({ line, column });
    }
  });

  it("are bounded", () => {
    expect(errorOf("(".repeat(100_000)).type).toBe("SyntaxError");
    expect(errorOf(`1${"+1".repeat(100_000)}`).type).toBe("SyntaxError");
  });
});
