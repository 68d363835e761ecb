import { describe, expect, test } from "vitest";
import { newsKey, newsOf, type Standing, told, withFailure } from "./course";

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 26, 0, minutes));
const fresh: Standing = {
  state: "open",
  count: 0,
  changedAt: at(0),
  isByPerson: false,
  ignoredUntil: null,
  ignoredUntilCount: null,
  returned: 0,
  toldReturned: 0,
  toldCount: null,
};

/** Fails so often, one failure after another, and tells what there is to tell. Returns the keys. */
function play(failures: number): string[] {
  const keys: string[] = [];
  let issue = fresh;
  for (let n = 1; n <= failures; n++) {
    issue = withFailure(issue, at(n));
    const news = newsOf(issue);
    if (!news) continue;
    keys.push(newsKey(news, issue));
    issue = told(issue);
  }
  return keys;
}

test("a growing issue is told as one each time that it is tenfold, each under a key of its own", () => {
  expect(play(9)).toEqual(["new"]);
  expect(play(12_345)).toEqual(["new", "x10", "x100", "x1000", "x10000"]);
});

test("collected in heaps, it is told of once a heap", () => {
  const heap = { ...fresh, count: 5_000 };
  expect(newsOf(heap)).toBe("new");
  expect(newsOf(told(heap))).toBeNull();
  expect(newsKey("grown", told({ ...heap, count: 50_000 }))).toBe("x10000");
});

describe("a failure", () => {
  const cases: [what: string, before: Partial<Standing>, when: Date, after: Partial<Standing>][] = [
    [
      "opens what had resolved by itself, whenever it was",
      { state: "resolved", changedAt: at(5) },
      at(1),
      { state: "open", returned: 1 },
    ],
    [
      "before a person had resolved it changes nothing",
      { state: "resolved", isByPerson: true, changedAt: at(5) },
      at(1),
      { state: "resolved" },
    ],
    [
      "after that opens it",
      { state: "resolved", isByPerson: true, changedAt: at(5) },
      at(6),
      { state: "open", isByPerson: false, changedAt: at(6), returned: 1 },
    ],
    [
      "leaves an acknowledged one",
      { state: "acknowledged", isByPerson: true },
      at(6),
      { state: "acknowledged", isByPerson: true },
    ],
    ["leaves an ignored one", { state: "ignored", isByPerson: true }, at(6), { state: "ignored", count: 1 }],
    [
      "before the time is over leaves it",
      { state: "ignored", ignoredUntil: at(9) },
      at(6),
      { state: "ignored" },
    ],
    [
      "after the time opens it",
      { state: "ignored", ignoredUntil: at(6) },
      at(6),
      { state: "open", ignoredUntil: null, returned: 1 },
    ],
    [
      "below the count leaves it",
      { state: "ignored", ignoredUntilCount: 3, count: 1 },
      at(6),
      { state: "ignored" },
    ],
    [
      "that reaches the count opens it",
      { state: "ignored", ignoredUntilCount: 3, count: 2 },
      at(6),
      { state: "open", ignoredUntilCount: null },
    ],
  ];
  test.each(cases)("%s", (_, before, when, after) => {
    expect(withFailure({ ...fresh, ...before }, when)).toMatchObject(after);
  });

  test("is news in an open issue alone", () => {
    for (const state of ["acknowledged", "resolved", "ignored"] as const)
      expect(newsOf({ ...fresh, state, count: 1_000, toldCount: 1, returned: 3 })).toBeNull();
  });
});
