import { describe, expect, it } from "vitest";
import { evaluateNumber, evaluateText, matches } from "./expressions";
import { completeEvent } from "./protocol";

const event = completeEvent({ name: "a/b", data: { id: 5, tenant: "x", deep: { list: [1] } } });

describe("expressions", () => {
  it("read the event", () => {
    expect(evaluateText("event.data.tenant", { event })).toBe("x");
    expect(evaluateText('"tenant-" + event.data.tenant', { event })).toBe("tenant-x");
    expect(evaluateNumber("event.data.id", { event })).toBe(5);
  });

  it("count a missing field as empty instead of failing", () => {
    expect(evaluateText("event.data.nothing.at.all", { event })).toBe("");
    expect(evaluateNumber("event.data.nothing", { event })).toBe(0);
    expect(matches("event.data.nothing > 3", { event })).toBe(false);
  });

  it("say whether an event is meant", () => {
    expect(matches("event.data.id == 5 && event.name == 'a/b'", { event })).toBe(true);
    expect(matches("event.data.id == 5 && event.name == 'a/c'", { event })).toBe(false);
    expect(matches(null, { event })).toBe(true);
  });
});
