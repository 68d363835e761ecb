import { describe, expect, it } from "vitest";
import { contentOf } from "./content";
import { type DigestData, digestData, saysSomething } from "./data";
import { compared, duration, periodName } from "./words";

const exact = (count: number) => ({ count, isMore: false });
const period = (digest: DigestData["digest"], timeZone: string, from: string, to: string) =>
  periodName({ digest, timeZone, from, to });

describe("the words of a digest", () => {
  it("name the period as its person's calendar does", () => {
    expect(period("daily", "Africa/Nairobi", "2026-11-24T21:00:00.000Z", "2026-11-25T21:00:00.000Z")).toBe(
      "Wednesday, 25 November 2026",
    );
    const week = (from: string, to: string) =>
      period("weekly", "UTC", `${from}T00:00:00.000Z`, `${to}T00:00:00.000Z`);
    expect(week("2026-11-16", "2026-11-23")).toBe("16 – 22 November 2026");
    expect(week("2026-11-30", "2026-12-07")).toBe("30 November – 6 December 2026");
    expect(week("2026-12-28", "2027-01-04")).toBe("28 December 2026 – 3 January 2027");
    expect(period("monthly", "UTC", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z")).toBe(
      "February 2026",
    );
  });

  it("compare with the time before, unless one of the two was not counted to its end", () => {
    expect(compared(exact(1_204), exact(1_124), "daily")).toBe("1,204, 80 more than the day before");
    expect(compared(exact(0), exact(3), "weekly")).toBe("0, 3 fewer than the week before");
    expect(compared(exact(5), exact(5), "monthly")).toBe("5, as many as the month before");
    expect(compared({ count: 100_000, isMore: true }, exact(5), "daily")).toBe("more than 100,000");
    expect(compared(exact(5), { count: 100_000, isMore: true }, "daily")).toBe("5");
    expect(compared(exact(5), null, "daily")).toBe("5");
  });

  it("say how long something took in the unit that fits", () => {
    expect([0, 380, 4_180, 59_999, 180_000, 9_000_000].map(duration)).toEqual([
      "0 ms",
      "380 ms",
      "4.2 s",
      "60 s",
      "3 min",
      "2.5 h",
    ]);
  });
});

const nothing: DigestData = {
  ruleId: "01900000-0000-7000-8000-000000000000",
  digest: "daily",
  timeZone: "UTC",
  from: "2026-11-25T00:00:00.000Z",
  to: "2026-11-26T00:00:00.000Z",
  isOfSome: false,
  numbers: { messages: exact(0), runs: exact(0), states: {} },
  before: { messages: exact(0), runs: exact(0), states: {} },
  issues: { open: exact(0), begun: 0, begunBefore: 0, returned: 0, resolved: 0 },
  slowest: null,
};
const around = { project: "Clinic", slowest: null, isPersons: true, address: "https://w.example.org/p/1" };

describe("a digest", () => {
  it("is not worth sending when nothing happened and nothing is open", () => {
    expect(saysSomething(nothing)).toBe(false);
    expect(saysSomething({ ...nothing, issues: { ...nothing.issues, open: exact(1) } })).toBe(true);
    expect(saysSomething({ ...nothing, numbers: { ...nothing.numbers, messages: exact(1) } })).toBe(true);
  });

  it("says the numbers, the difference, what is open and what to do", () => {
    const data = digestData.parse({
      ...nothing,
      numbers: {
        messages: exact(12),
        runs: exact(12),
        states: { success: exact(9), failed: exact(2), lost: exact(1) },
      },
      before: { messages: exact(10), runs: exact(10), states: { success: exact(9), crashed: exact(1) } },
      issues: { open: exact(2), begun: 2, begunBefore: 0, returned: 1, resolved: 3 },
      slowest: { workflowId: nothing.ruleId, medianMs: 4_180 },
    });
    expect(contentOf(data, { ...around, slowest: "Visit" })).toEqual({
      subject: "Clinic on Wednesday, 25 November 2026: 3 of 12 runs failed",
      lead: "What happened in Clinic on Wednesday, 25 November 2026 (UTC).",
      facts: [
        { label: "Messages", value: "12, 2 more than the day before" },
        { label: "Runs", value: "12, 2 more than the day before" },
        { label: "Succeeded", value: "9, as many as the day before" },
        { label: "Failed", value: "2, 2 more than the day before" },
        { label: "Crashed", value: "0, 1 fewer than the day before" },
        { label: "Lost", value: "1, 1 more than the day before" },
        { label: "Issues that are open", value: "2" },
        { label: "New issues", value: "2, 2 more than the day before" },
        { label: "Returned", value: "1 issue" },
        { label: "Resolved", value: "3 issues" },
        { label: "Slowest workflow", value: "Visit: half of its runs took more than 4.2 s" },
      ],
      todo: "2 issues are open: see what failed, and rerun what is affected.",
      actions: [
        { label: "See the open issues", url: "https://w.example.org/p/1/issues?state=open" },
        {
          label: "See what ran",
          url: "https://w.example.org/p/1/activity?from=2026-11-25T00:00:00.000Z&to=2026-11-26T00:00:00.000Z",
        },
      ],
      stop: "digest",
    });
  });

  it("compares nothing with what is not kept any more, nor offers a channel to stop", () => {
    const content = contentOf({ ...nothing, before: null }, { ...around, isPersons: false });
    expect(content.lead).toContain("not kept any more");
    expect(JSON.stringify(content.facts)).not.toContain("before");
    expect(content.stop).toBeNull();
  });
});
