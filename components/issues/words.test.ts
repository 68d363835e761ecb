import { describe, expect, test } from "vitest";
import { affectedCount, affectedWords, failing, standingWords, trendWords } from "./words";

const by = { changedBy: null, ignoredUntil: null, ignoredUntilCount: null, returned: 0 };

describe("how an issue stands is said with who said so", () => {
  test.each([
    [{ ...by, state: "resolved" }, "by itself"],
    [{ ...by, state: "open" }, "new"],
    [{ ...by, state: "open", returned: 2 }, "returned"],
    [{ ...by, state: "acknowledged", changedBy: "ada" }, "ada"],
    [
      { ...by, state: "ignored", changedBy: "ada", ignoredUntil: "2026-12-03T00:00:00.000Z" },
      "ada, until 3 Dec 2026",
    ],
    [{ ...by, state: "ignored", changedBy: "ada", ignoredUntilCount: 1_200 }, "ada, until 1,200 failures"],
  ] as const)("%j", (issue, words) => {
    expect(standingWords(issue)).toBe(words);
  });
});

test("an issue is named by its job, else by its workflow", () => {
  expect(failing({ jobName: "Payment", workflowName: "Visit" })).toBe("Payment");
  expect(failing({ jobName: null, workflowName: "Visit" })).toBe("Visit");
  expect(failing({ jobName: null, workflowName: null })).toBe("A workflow that was deleted");
});

test("counts are said as far as they are counted", () => {
  expect(affectedWords({ affected: 9, isMoreAffected: false })).toBe("9 affected");
  expect(affectedWords({ affected: 0, isMoreAffected: false })).toBe("nothing affected");
  expect(affectedWords({ affected: 10_000, isMoreAffected: true })).toBe("more than 10,000 affected");
  expect(affectedCount({ affected: 0, isMoreAffected: false })).toBe("none");
  expect(affectedCount({ affected: 10_000, isMoreAffected: true })).toBe("more than 10,000");
  expect(trendWords([0, 3, 1])).toBe("4 in 3 days, 1 of them today");
});
