import { describe, expect, test } from "vitest";
import type { BulkAct } from "@/lib/domain/bulk/schemas";
import { aboutWords, ofWords } from "./words";

const act = (more: Partial<BulkAct>) =>
  aboutWords({
    target: "messages",
    chosen: null,
    filter: null,
    filterNames: {},
    total: 12,
    isMore: false,
    ...more,
  } as BulkAct);

describe("what an act is for, in words", () => {
  test("names jobs, workflows and bulk acts, and shows no id", () => {
    const id = "019ac0de-0000-7000-8000-000000000001";
    expect(act({ filter: { job: id, state: "in_progress" }, filterNames: { job: "Payment" } })).toBe(
      "12 messages with job Payment, state in progress",
    );
    expect(act({ filter: { workflow: id } })).toBe("12 messages with a workflow that is gone");
    expect(act({ filter: { bulk: id }, filterNames: { bulk: "Monday" } })).toBe(
      "12 messages with bulk act Monday",
    );
  });

  test("says texts and times as they are read", () => {
    const filter = { text: "Amina", from: "2026-11-25T08:00:00.000Z" };
    expect(act({ filter })).toBe("12 messages with text “Amina”, from 2026-11-25 08:00");
  });

  test("of chosen ones, and of everything", () => {
    expect(act({ chosen: 1 })).toBe("1 chosen message");
    expect(act({})).toBe("all 12 messages");
  });
});

test.each([
  [{ target: "messages", ids: ["a", "b"] }, "Do with 2 messages"],
  [{ target: "runs", filter: { state: "failed" } }, "Do with all runs that match"],
  [{ target: "rejected", filter: {} }, "Do with all rejected work orders"],
] as const)("a dialog about %j is called what it is for", (of, words) => {
  expect(
    ofWords({ ...of, ids: "ids" in of ? [...of.ids] : undefined } as Parameters<typeof ofWords>[0]),
  ).toBe(words);
});
