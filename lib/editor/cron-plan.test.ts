import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cronProblem, nextFires } from "@/lib/workflow/cron";
import { type CronPlan, cronKinds, expressionOf, minutesOf, planOf, planOfKind, weekDays } from "./cron-plan";

const minute = fc.integer({ min: 0, max: 59 });
const hour = fc.integer({ min: 0, max: 23 });
const inWeek = (days: number[]) => weekDays.filter((day) => days.includes(day));
const plan: fc.Arbitrary<CronPlan> = fc.oneof(
  fc.record({ kind: fc.constant("minutes" as const), every: fc.integer({ min: 1, max: 59 }) }),
  fc.record({ kind: fc.constant("hourly" as const), minute }),
  fc.record({ kind: fc.constant("daily" as const), hour, minute }),
  fc.record({
    kind: fc.constant("weekly" as const),
    days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }).map(inWeek),
    hour,
    minute,
  }),
  fc.record({
    kind: fc.constant("monthly" as const),
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant("last" as const)),
    hour,
    minute,
  }),
);

test("what is built is an expression that says the same again", () => {
  fc.assert(
    fc.property(plan, (built) => {
      const expression = expressionOf(built);
      expect(cronProblem(expression)).toBeNull();
      expect(planOf(expression)).toEqual(built);
    }),
    { numRuns: 500 },
  );
});

const part = fc.constantFrom(
  "*",
  "0",
  "5",
  "7",
  "30",
  "59",
  "*/7",
  "1-3",
  "1,4",
  "MON-FRI",
  "sun",
  "L",
  "1,3-5,0",
  "60",
);

test("whatever an expression is, its plan fires at the same times", () => {
  const from = new Date("2026-01-30T00:00:00Z");
  fc.assert(
    fc.property(fc.array(part, { minLength: 5, maxLength: 5 }), (fields) => {
      const expression = fields.join(" ");
      const again = expressionOf(planOf(expression));
      if (cronProblem(expression) !== null) return;
      const times = (cronExpression: string) => nextFires({ cronExpression, timeZone: null }, from, 6);
      expect([expression, times(again)]).toEqual([expression, times(expression)]);
    }),
    { numRuns: 500 },
  );
});

describe("known expressions", () => {
  test.each<[string, CronPlan]>([
    ["* * * * *", { kind: "minutes", every: 1 }],
    ["*/15 * * * *", { kind: "minutes", every: 15 }],
    ["0 * * * *", { kind: "hourly", minute: 0 }],
    ["30 2 * * *", { kind: "daily", hour: 2, minute: 30 }],
    ["0 8 * * 1-5", { kind: "weekly", days: [1, 2, 3, 4, 5], hour: 8, minute: 0 }],
    ["0 8 * * MON,thu", { kind: "weekly", days: [1, 4], hour: 8, minute: 0 }],
    ["0 8 * * 7", { kind: "weekly", days: [0], hour: 8, minute: 0 }],
    ["0 8 * * 5-7", { kind: "weekly", days: [5, 6, 0], hour: 8, minute: 0 }],
    ["5 4 31 * *", { kind: "monthly", day: 31, hour: 4, minute: 5 }],
    ["0 0 L * *", { kind: "monthly", day: "last", hour: 0, minute: 0 }],
    ["0 0 1 1 *", { kind: "own", expression: "0 0 1 1 *" }],
    ["0 0 1 * 1", { kind: "own", expression: "0 0 1 * 1" }],
    ["0 8-18 * * *", { kind: "own", expression: "0 8-18 * * *" }],
    ["nonsense", { kind: "own", expression: "nonsense" }],
    ["", { kind: "own", expression: "" }],
  ])("%s", (expression, expected) => {
    expect(planOf(expression)).toEqual(expected);
  });

  test("three days in a row and more are a range", () => {
    expect(expressionOf({ kind: "weekly", days: [5, 1, 2, 3, 0], hour: 8, minute: 0 })).toBe(
      "0 8 * * 1-3,5,0",
    );
  });
});

test("of another kind it keeps the time of day, and is always an expression", () => {
  const weekly: CronPlan = { kind: "weekly", days: [2], hour: 17, minute: 45 };
  for (const kind of cronKinds) expect(cronProblem(expressionOf(planOfKind(kind, weekly)))).toBeNull();
  expect(planOfKind("daily", weekly)).toEqual({ kind: "daily", hour: 17, minute: 45 });
  expect(planOfKind("own", weekly)).toEqual({ kind: "own", expression: "45 17 * * 2" });
});

test("minutes of an hour", () => {
  expect(minutesOf(20)).toEqual([0, 20, 40]);
  expect(minutesOf(25)).toEqual([0, 25, 50]);
});
