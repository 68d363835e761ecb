import { describe, expect, it, test } from "vitest";
import { exitReasons } from "@/lib/words";
import { errorTypes } from "./error-types";
import { nextAttempt, pauseNote, retryAfterMs, retryProblems, retryWords } from "./retry";
import { job, trigger, triggerEdge, workflow } from "./testing";
import type { RetryPolicy } from "./types";
import { validateGraph } from "./validate-graph";

const policy: RetryPolicy = { attempts: 4, delaySeconds: 10, maxDelaySeconds: 60, errorTypes: null };
const now = new Date("2026-11-25T12:00:00Z");
const failed = (details?: unknown) => ({
  reason: "fail" as const,
  error: { type: "JobError", message: "no", details },
});
const nextOf = (
  attempt: number,
  random = 0,
  of = policy,
  ended: Parameters<typeof nextAttempt>[2] = failed(),
) => nextAttempt(of, attempt, ended, now, () => random);

describe("the pause before the next attempt", () => {
  it("doubles, and is never longer than the policy says", () => {
    const long = { ...policy, attempts: 20 };
    expect([1, 2, 3, 4, 19].map((attempt) => nextOf(attempt, 0, long)?.delayMs)).toEqual([
      10_000, 20_000, 40_000, 60_000, 60_000,
    ]);
  });

  it("is up to half shorter by chance, so that what failed together does not come back together", () => {
    expect(nextOf(2, 1)?.delayMs).toBe(10_000);
    expect(nextOf(2, 0.5)?.delayMs).toBe(15_000);
  });

  it("ends with the last attempt, and there is none without a policy", () => {
    expect(nextOf(3)).not.toBeNull();
    expect(nextOf(4)).toBeNull();
    expect(nextAttempt(null, 1, failed(), now, () => 0)).toBeNull();
  });
});

describe("what is worth another attempt", () => {
  const worth = (
    reason: (typeof exitReasons)[number],
    of: RetryPolicy,
    type = "JobError",
    adaptorType?: string,
  ) =>
    nextOf(1, 0, of, { reason, error: { type, message: "", ...(adaptorType ? { adaptorType } : {}) } }) !==
    null;

  it("is a failure, and nothing that aborts a run, unless its type is named", () => {
    expect(exitReasons.filter((reason) => worth(reason, policy))).toEqual(["fail"]);
    const named = { ...policy, errorTypes: ["TimeoutError"] };
    expect(worth("kill", named, "TimeoutError")).toBe(true);
    expect(worth("kill", named, "OomError")).toBe(false);
    expect(worth("fail", named)).toBe(false);
  });

  it("is never what was lost, cancelled or a success, whatever is named", () => {
    for (const reason of ["lost", "cancel", "success"] as const)
      for (const type of Object.keys(errorTypes))
        expect(worth(reason, { ...policy, errorTypes: Object.keys(errorTypes) }, type), reason).toBe(false);
  });

  it("is known by OpenFn's words and by the adaptor's own, too", () => {
    expect(worth("kill", { ...policy, errorTypes: ["OOMError"] }, "OomError")).toBe(true);
    expect(worth("fail", { ...policy, errorTypes: ["AdaptorError"] }, "JobError", "AdaptorError")).toBe(true);
    expect(worth("fail", { ...policy, errorTypes: ["HttpError"] }, "JobError", "HttpError")).toBe(true);
    expect(worth("fail", { ...policy, errorTypes: ["HttpError"] }, "JobError", "OtherError")).toBe(false);
  });
});

describe("Retry-After", () => {
  it.each<[string, unknown, number | null]>([
    ["seconds", { headers: { "retry-after": "120" } }, 120_000],
    ["a number", { headers: { "Retry-After": 3 } }, 3_000],
    ["a list", { headers: { "retry-after": ["7", "9"] } }, 7_000],
    ["a response's", { code: 1, response: { status: 429, headers: { "RETRY-AFTER": "5" } } }, 5_000],
    ["a date", { headers: { "retry-after": "Wed, 25 Nov 2026 12:00:30 GMT" } }, 30_000],
    ["a date of old form", { headers: { "retry-after": "Wednesday, 25-Nov-26 12:00:30 GMT" } }, 30_000],
    ["C's date", { headers: { "retry-after": "Wed Nov 25 12:00:30 2026" } }, 30_000],
    ["a date that is over", { headers: { "retry-after": "Wed, 25 Nov 2026 11:00:00 GMT" } }, 0],
    ["none", { headers: { "content-type": "text/plain" } }, null],
    ["words", { headers: { "retry-after": "soon" } }, null],
    ["a negative number", { headers: { "retry-after": "-5" } }, null],
    ["another's field", { retryAfter: 5 }, null],
    ["something long", { headers: { "retry-after": "9".repeat(1_000) } }, null],
    ["no headers", { headers: "retry-after: 5" }, null],
    ["no details", undefined, null],
    ["text", "retry-after: 5", null],
  ])("is read as %s", (_, details, ms) => {
    expect(retryAfterMs(details, now)).toBe(ms);
  });

  it("counts instead of the back-off, within the longest pause", () => {
    const asked = (seconds: string, random = 0) =>
      nextOf(1, random, policy, failed({ headers: { "retry-after": seconds } }));
    expect(asked("30")).toEqual({ delayMs: 30_000, isAsked: true });
    expect(asked("30", 1)?.delayMs).toBe(33_000);
    expect(asked("3", 1)?.delayMs).toBe(4_000);
    expect(asked("100000")?.delayMs).toBe(60_000);
    expect(asked(`1${"0".repeat(60)}`)?.delayMs).toBe(60_000);
  });

  test("deep or wide details cost no more than a look at some of them", () => {
    let deep: unknown = { headers: { "retry-after": "5" } };
    for (let level = 0; level < 50; level++) deep = { deep };
    expect(retryAfterMs(deep, now)).toBeNull();
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, { a: {} }]));
    expect(retryAfterMs(wide, now)).toBeNull();
  });
});

describe("a policy", () => {
  it.each<[Partial<RetryPolicy>, RegExp]>([
    [{ delaySeconds: 90 }, /longest pause \(60 s\) is shorter/],
    [{ errorTypes: ["Lost"] }, /Lost is never tried again/],
    [{ errorTypes: ["LostAfterStart"] }, /never tried again/],
    [{ errorTypes: ["Cancelled"] }, /a person wanted/],
    [{ errorTypes: ["EdgeConditionError"] }, /what follows the job/],
  ])("that could not be obeyed is refused: %j", (changes, said) => {
    const retry = { ...policy, ...changes };
    expect(retryProblems(retry).join()).toMatch(said);
    const graph = workflow([{ ...job("a"), retry }], [triggerEdge("t", "a")], [trigger("t")]);
    expect(validateGraph(graph)).toEqual([
      { item: "job", itemId: "a", field: "retry", message: expect.stringMatching(said) },
    ]);
  });

  it("is saved and told in words otherwise", () => {
    expect(retryProblems({ ...policy, errorTypes: ["TimeoutError", "MyOwnError"] })).toEqual([]);
    expect(retryWords({ ...policy, maxDelaySeconds: 3_600 })).toBe(
      "up to 4 attempts, the second about 10 s after the first, at most 1 h apart, after any failure",
    );
    expect(retryWords({ ...policy, delaySeconds: 120, errorTypes: ["TimeoutError", "JobError"] })).toContain(
      "about 2 min after the first, at most 1 min apart, after TimeoutError, JobError",
    );
  });

  it("says between two attempts what failed, and when the next one begins", () => {
    const next = { delayMs: 12_345, isAsked: true };
    expect(pauseNote({ retry: policy }, 2, failed(), next)).toBe(
      "Attempt 2 of 4 failed with JobError: no. The next one begins in 12.3 s, as the other system asked (Retry-After).",
    );
  });
});
