import { expect, it } from "vitest";
import { exitReasons } from "@/lib/words";
import { exitCode } from "./exit-code";

it("a run of a job has an exit code: 0 for success alone, and the platform's own for what went wrong", () => {
  const codes = Object.fromEntries(exitReasons.map((reason) => [reason, exitCode(reason, null)]));
  expect(codes).toEqual({ success: 0, fail: 1, crash: 10, kill: 11, cancel: 6, exception: 3, lost: 5 });
  expect(exitCode("kill", "TimeoutError")).toBe(2);
  expect(exitCode("kill", "OomError")).toBe(134);
  expect(exitCode("exception", "RunnerError")).toBe(5);
  expect(exitCode("fail", "JobError")).toBe(1);
  expect(exitCode(null, null)).toBeNull();
});
