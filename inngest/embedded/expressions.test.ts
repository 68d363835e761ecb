import { describe, expect, it } from "vitest";
import { evaluateNumber, evaluateText, matches, matchPath, valueAt } from "./expressions";
import { completeEvent } from "./protocol";

const event = completeEvent({ name: "a/b", data: { id: 5, tenant: "x", deep: { list: [1] } } });
const other = completeEvent({ name: "a/c", data: { id: 5 } });

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

  it("compare the trigger with the new event", () => {
    expect(matches("event.data.id == async.data.id", { event, async: other })).toBe(true);
    expect(matches("event.data.id == async.data.id && async.name == 'a/d'", { event, async: other })).toBe(
      false,
    );
    expect(matches(null, { event })).toBe(true);
  });
});

describe("plain equalities", () => {
  it.each([
    ["event.data.id == async.data.id", "data.id"],
    [" async.data.a.b==event.data.a.b ", "data.a.b"],
  ])("are looked up by index (%s)", (expression, path) => expect(matchPath(expression)).toBe(path));

  it.each([
    undefined,
    "",
    "event.data.id == async.data.other",
    "event.data.id == event.data.id",
    "event.data.id == async.data.id && true",
  ])("are told from other conditions (%s)", (expression) => expect(matchPath(expression)).toBeNull());

  it("compare values, not their types' looks", () => {
    expect(valueAt(event, "data.id")).toBe("5");
    expect(valueAt(completeEvent({ name: "x", data: { id: "5" } }), "data.id")).toBe('"5"');
    expect(valueAt(event, "data.none.at.all")).toBe("null");
  });
});
