import { describe, expect, it } from "vitest";
import { reasonOf } from "@/lib/runner/step/errors";
import { exitReasons, finalRunStates, jobStateWords, runStates } from "@/lib/words";
import { errorTypes, explainErrorType, shownErrorType } from "./error-types";
import { isFinal } from "./states";
import { abortsRun, jobStateStatuses, reasons, runStateOf, runStatuses } from "./status";

describe("seed 3's table", () => {
  it.each([
    ["pending", "Pending", "⚪"],
    ["running", "Running", "🔵"],
    ["success", "Success", "🟢"],
    ["failed", "Failed", "🔴"],
    ["crashed", "Crashed", "🟠"],
    ["cancelled", "Cancelled", "⚪"],
    ["killed", "Killed", "🟡"],
    ["exception", "Exception", "⚫"],
    ["lost", "Lost", "⚫"],
    ["rejected", "Rejected", "⚪"],
  ] as const)("%s is shown as %s %s", (state, word, chip) => {
    expect(runStatuses[state]).toMatchObject({ word, chip });
  });

  it.each([
    ["JobError", "failed", false],
    ["TypeError", "failed", false],
    ["RangeError", "failed", false],
    ["SyntaxError", "crashed", true],
    ["ReferenceError", "crashed", true],
    ["SecurityError", "killed", true],
    ["ImportError", "killed", true],
    ["OomError", "killed", true],
    ["TimeoutError", "killed", true],
  ] as const)("%s makes the run %s; aborts: %s", (type, state, aborts) => {
    const { reason } = errorTypes[type];
    expect(runStateOf(reason)).toBe(state);
    expect(abortsRun(reason)).toBe(aborts);
  });

  it.each([
    ["cancel", "cancelled"],
    ["exception", "exception"],
    ["lost", "lost"],
  ] as const)("%s aborts and makes the run %s", (reason, state) => {
    expect(runStateOf(reason)).toBe(state);
    expect(abortsRun(reason)).toBe(true);
  });
});

/** All but two: the seed says that an ImportError kills, and a worker that ends by itself is lost here, not an ExitError. */
describe("openfn-platform §3.4, its error types by its words", () => {
  it.each([
    ...["JobError", "AdaptorError", "RuntimeError"].map((type) => [type, "fail", "failed", false] as const),
    ...["SyntaxError", "CompileError", "ReferenceError", "RuntimeCrash", "ValidationError"].map(
      (type) => [type, "crash", "crashed", true] as const,
    ),
    ...["InvalidOperationError", "InvalidExportsError", "EdgeConditionError", "InputError"].map(
      (type) => [type, "crash", "crashed", true] as const,
    ),
    ...["SecurityError", "TimeoutError", "OOMError", "OomError", "StateTooLargeError"].map(
      (type) => [type, "kill", "killed", true] as const,
    ),
    ...["ExecutionError", "AutoinstallError", "CredentialLoadError", "DataClipError"].map(
      (type) => [type, "exception", "exception", true] as const,
    ),
    ...["LostAfterClaim", "LostAfterStart", "UnknownReason"].map(
      (type) => [type, "lost", "lost", true] as const,
    ),
  ])("%s: %s, the run %s; aborts: %s", (type, reason, state, aborts) => {
    expect(explainErrorType(type)?.reason).toBe(reason);
    expect(runStateOf(reason)).toBe(state);
    expect(abortsRun(reason)).toBe(aborts);
  });
});

describe("statuses", () => {
  it("know every state, result and reason of the schema", () => {
    expect(Object.keys(runStatuses).sort()).toEqual([...runStates].sort());
    expect(Object.keys(jobStateStatuses).sort()).toEqual([...jobStateWords].sort());
    expect(Object.keys(reasons).sort()).toEqual([...exitReasons].sort());
  });

  it("call exactly the schema's final states final", () => {
    expect(runStates.filter(isFinal)).toEqual([...finalRunStates]);
  });

  it("say of every error what it means and what to do, in sentences", () => {
    for (const [type, info] of Object.entries(errorTypes)) {
      expect(info.meaning, type).toMatch(/\.$/);
      expect(info.remedy, type).toMatch(/\.$/);
    }
  });
});

describe("errors of a step", () => {
  it("mean the same here and where steps are executed", () => {
    const decidedByEngine = ["CredentialLoadError", "DataClipError", "Cancelled"];
    for (const [type, { reason }] of Object.entries(errorTypes))
      if (!decidedByEngine.includes(type)) expect(reasonOf(type), type).toBe(reason);
    expect(reasonOf("CancelledError")).toBe(explainErrorType("CancelledError")?.reason);
  });
});

describe("shownErrorType", () => {
  it.each([
    ["RuntimeError", "TypeError", "TypeError"],
    ["RuntimeError", "RangeError", "RangeError"],
    ["RuntimeCrash", "ReferenceError", "ReferenceError"],
    ["CompileError", undefined, "SyntaxError"],
    ["OOMError", undefined, "OomError"],
    ["AdaptorError", "ENOTFOUND", "AdaptorError"],
    ["MyOwnError", undefined, "MyOwnError"],
  ])("shows OpenFn's %s (%s) as %s", (type, subtype, shown) => {
    expect(shownErrorType(type, subtype)).toBe(shown);
  });

  it("explains known types and is silent about a job's own", () => {
    expect(explainErrorType("CompileError")?.reason).toBe("crash");
    expect(explainErrorType("MyOwnError")).toBeNull();
    expect(explainErrorType("constructor")).toBeNull();
  });
});
