import { describe, expect, test } from "vitest";
import type { DescribedError } from "@/lib/runner/protocol/messages";
import { endFailure, type JobMap, jobFailure, reasonOf, stateError } from "./errors";

const map: JobMap = {
  source: "fn(s => s)\nget('/x')",
  operations: [
    { label: "fn", line: 1, column: 1 },
    { label: "get", line: 2, column: 1 },
  ],
  locate: ({ line, column }) => (line < 3 ? { line, column: column - 1 } : null),
};

const thrown = (more: Partial<DescribedError>): DescribedError => ({
  name: "Error",
  constructorName: "Error",
  message: "mine",
  stack: "Error: mine\n    at job.js:1:5",
  phase: "operations",
  operation: 0,
  ...more,
});

describe("the status-code table", () => {
  test.each([
    ["JobError", "fail"],
    ["TypeError", "fail"],
    ["RangeError", "fail"],
    ["SyntaxError", "crash"],
    ["ReferenceError", "crash"],
    ["ValidationError", "crash"],
    ["EdgeConditionError", "crash"],
    ["SecurityError", "kill"],
    ["ImportError", "kill"],
    ["OomError", "kill"],
    ["TimeoutError", "kill"],
    ["StateTooLargeError", "kill"],
    ["EgressLimitError", "kill"],
    ["LogLimitError", "kill"],
    ["CancelledError", "cancel"],
    ["Lost", "lost"],
    ["RunnerError", "exception"],
    ["AdaptorLoadError", "exception"],
  ])("%s ends a step with %s", (type, reason) => expect(reasonOf(type)).toBe(reason));
});

describe("what a job threw", () => {
  /** The table's word, and beside it the adaptor's own. */
  const typeOf = (more: Partial<DescribedError>) => {
    const { type, adaptorType } = jobFailure(thrown(more), map).error;
    return adaptorType ? `${type}, ${adaptorType}` : type;
  };
  test.each([
    ["its own error", {}, "JobError"],
    ["a text", { name: "Error", constructorName: "String", stack: "" }, "JobError"],
    ["an error it named itself", { name: "ValidationFailed", constructorName: "MyError" }, "JobError"],
    ["a TypeError by its constructor", { name: "x", constructorName: "TypeError" }, "TypeError"],
    ["a RangeError", { constructorName: "RangeError" }, "RangeError"],
    ["a ReferenceError", { constructorName: "ReferenceError" }, "ReferenceError"],
    [
      "eval",
      { constructorName: "EvalError", message: "Code generation from strings disallowed for this context" },
      "SecurityError",
    ],
    ["an import", { name: "ImportError" }, "ImportError"],
    [
      "a failed buffer",
      { constructorName: "RangeError", message: "Array buffer allocation failed" },
      "OomError",
    ],
    [
      "an error in the adaptor",
      { stack: "Error\n    at request (@openfn/language-http/index.js:3:9)\n    at job.js:2:1" },
      "JobError, AdaptorError",
    ],
    [
      "an error that the adaptor named",
      { name: "HttpError", stack: "HttpError\n    at request (@openfn/language-http/index.js:3:9)" },
      "JobError, HttpError",
    ],
    [
      "a TypeError in the adaptor",
      { name: "TypeError", constructorName: "TypeError", stack: "Error\n    at x (dep/undici/index.js:3:9)" },
      "JobError, TypeError",
    ],
    [
      "an error in a dependency",
      { stack: "Error\n    at x (dep/undici/index.js:3:9)" },
      "JobError, AdaptorError",
    ],
    [
      "an error below an adaptor",
      { stack: "Error\n    at onError (file:///worker.mjs:3:9)" },
      "JobError, AdaptorError",
    ],
    [
      "the same outside operations",
      { phase: "body" as const, stack: "Error\n    at x (dep/undici/index.js:3:9)" },
      "JobError",
    ],
    [
      "an adaptor called by the job's own function first",
      { stack: "Error\n    at job.js:1:3\n    at x (@openfn/language-http/index.js:3:9)" },
      "JobError",
    ],
  ] as [string, Partial<DescribedError>, string][])("%s", (_, more, type) => expect(typeOf(more)).toBe(type));

  test("has the place in the source and the operation that ran", () => {
    const { reason, error } = jobFailure(thrown({ operation: 1 }), map);
    expect(reason).toBe("fail");
    expect(error).toMatchObject({
      position: { line: 1, column: 4, source: "fn(s => s)" },
      operation: { name: "get", line: 2 },
    });
  });
  test("a call at the top level that is no operation is named, with its line and what to do", () => {
    const more = {
      phase: "body",
      name: "ValidationError",
      message: "Invalid operation at statement 1",
      stack: "",
      operation: 1,
    } as const;
    expect(jobFailure(thrown(more), map)).toEqual({
      reason: "crash",
      error: {
        type: "ValidationError",
        message: "Invalid operation at statement 1: get(…) on line 2 is none",
        position: { line: 2, column: 1, source: "get('/x')" },
        hint: expect.stringContaining("Put this into one: fn(state => { get(…); return state; })"),
      },
    });
  });
  test("left unawaited it crashes the step", () => {
    const failed = endFailure({ kind: "crashed", error: thrown({}) }, map);
    expect(failed).toMatchObject({
      reason: "crash",
      error: { type: "JobError", hint: expect.stringContaining("promise") },
    });
  });
});

describe("how a worker ended", () => {
  test.each([
    [{ kind: "out-of-memory" } as const, "kill", "OomError"],
    [{ kind: "violation", message: "m" } as const, "lost", "Lost"],
    [{ kind: "exited", code: 0, signal: null, stderr: "" } as const, "lost", "Lost"],
    [{ kind: "killed", cause: { type: "TimeoutError", message: "m" } } as const, "kill", "TimeoutError"],
  ])("%o", (end, reason, type) => expect(endFailure(end, map)).toMatchObject({ reason, error: { type } }));
});

describe("state.errors, as OpenFn writes it", () => {
  test("a TypeError is a RuntimeError with its place", () => {
    const error = { type: "TypeError", message: "m", position: { line: 2, column: 3, source: "src" } };
    expect(stateError(error, "a")).toEqual({
      source: "runtime",
      severity: "fail",
      name: "RuntimeError",
      subtype: "TypeError",
      message: "TypeError: m",
      pos: { line: 2, column: 3, src: "src" },
      step: "a",
    });
  });
  test("an AdaptorError has details and operation, a JobError neither", () => {
    const adaptor = {
      type: "JobError",
      adaptorType: "AdaptorError",
      message: "m",
      operation: { name: "get", line: 2 },
      details: { code: 7 },
    };
    expect(stateError(adaptor, "a")).toMatchObject({
      name: "AdaptorError",
      details: { message: "m", code: 7 },
      operationName: "get",
      line: 2,
    });
    expect(stateError({ type: "JobError", message: "m" }, "a")).toEqual({
      source: "runtime",
      severity: "fail",
      name: "JobError",
      message: "m",
    });
  });
});
