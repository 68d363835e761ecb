import { describe, expect, it } from "vitest";
import type { NoticeRule } from "@/lib/domain/notice/rules/types";
import { digestState, ruleSummary } from "./words";

const rule: NoticeRule = {
  workflowIds: null,
  statuses: null,
  atOnce: true,
  digest: "never",
  timeZone: "Africa/Nairobi",
  isChosen: true,
  nextDigestAt: null,
  lastDigest: null,
};

describe("what somebody hears, in a sentence", () => {
  it("names at once and digests, and what they are of", () => {
    expect(ruleSummary(rule)).toBe("Hears at once.");
    expect(ruleSummary({ ...rule, atOnce: false })).toBe("Hears nothing.");
    expect(ruleSummary({ ...rule, statuses: ["lost", "failed"], digest: "weekly" })).toBe(
      "Hears at once (lost, failed), and a summary on Mondays.",
    );
    expect(
      ruleSummary({ ...rule, atOnce: false, digest: "daily", workflowIds: ["1", "gone"] }, [
        { id: "1", name: "Visit" },
      ]),
    ).toBe("Hears a summary every day, of one workflow.");
  });

  it("says when the next digest comes, and that the last had nothing to say", () => {
    expect(digestState(rule)).toBeNull();
    const due = { ...rule, nextDigestAt: "2026-11-27T05:00:00.000Z" };
    expect(digestState(due)).toContain("27 November");
    expect(digestState(due)).toContain("08:00 (Africa/Nairobi)");
    const quiet = { ...due, lastDigest: { at: "2026-11-26T05:00:00.000Z", said: false } };
    expect(digestState(quiet)).toContain("nothing had happened");
    expect(digestState({ ...quiet, lastDigest: { ...quiet.lastDigest, said: true } })).not.toContain(
      "nothing",
    );
  });
});
