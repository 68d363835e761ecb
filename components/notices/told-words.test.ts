import { describe, expect, it } from "vitest";
import { canGoAgain, outcomeOf, titleOf, toWords } from "./told-words";

describe("what became of a notice, in words", () => {
  it("knows a test's outcome once it was tried, and says nothing before", () => {
    expect(outcomeOf({ state: "waiting", error: null })).toBeNull();
    expect(outcomeOf({ state: "sent", error: null })).toMatchObject({ isTaken: true });
    expect(outcomeOf({ state: "waiting", error: "It answered 500." })).toEqual({
      isTaken: false,
      sentence: "It answered 500. It is tried again.",
    });
    expect(outcomeOf({ state: "failed", error: "The channel is switched off." })).toEqual({
      isTaken: false,
      sentence: "The channel is switched off.",
    });
    expect(outcomeOf({ state: "uncertain", error: null })?.sentence).toContain("nobody knows");
  });

  it("names whom it went to and what it says, as far as that is known", () => {
    const channel = { id: "1", name: "On-call", type: "slack" as const };
    expect(toWords({ to: { person: null, channel } })).toBe("On-call");
    expect(toWords({ to: { person: "ada@example.org", channel: null } })).toBe("ada@example.org");
    expect(toWords({ to: { person: null, channel: null } })).toBe("An account that is gone");
    expect(titleOf({ subject: null, kind: "digest" })).toBe("Summary");
    expect(titleOf({ subject: "Payment has failed", kind: "issue" })).toBe("Payment has failed");
  });

  it("offers to send again only what failed, or of which nobody knows", () => {
    const states = ["waiting", "sent", "failed", "uncertain", "stopped"] as const;
    expect(states.filter((state) => canGoAgain({ state }))).toEqual(["failed", "uncertain"]);
  });
});
