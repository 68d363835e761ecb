import { describe, expect, test } from "vitest";
import { ExactNumber } from "@/lib/exact-json";
import { inputBody, inputName, namedInput, sourceOf, takesMessages } from "./input";
import { keep, readKept } from "./kept";

const id = "01900000-0000-7000-8000-00000000000a";

describe("an input as a test is asked with it", () => {
  test.each([
    [{ kind: "message", id }, { messageId: id }],
    [{ kind: "step", id }, { stepId: id }],
    [{ kind: "dataclip", id, name: "Mine" }, { dataclipId: id }],
    [{ kind: "none" }, {}],
  ] as const)("%j", (input, body) => {
    expect(inputBody(input, "not looked at")).toEqual(body);
  });

  test("is the pasted state with all its digits, or the reason why it is none", () => {
    expect(inputBody({ kind: "json" }, '{"data":9007199254740993}')).toEqual({
      json: { data: new ExactNumber("9007199254740993") },
    });
    expect(inputBody({ kind: "json" }, "[1]")).toContain("A state is a JSON object");
    expect(inputBody({ kind: "json" }, "{a}")).toContain("not valid JSON");
  });

  test("has a name, and a place where it is chosen", () => {
    expect(inputName({ kind: "message", id })).toBe("Message 0000000a");
    expect(inputName({ kind: "dataclip", id, name: "Mine" })).toBe("Mine");
    expect(inputName({ kind: "dataclip", id, name: null })).toBe("Stored state 0000000a");
    const kinds = (["message", "step", "json", "none"] as const).map((kind) => sourceOf({ kind, id }));
    expect(kinds).toEqual(["recent", "ran", "json", "none"]);
    expect(sourceOf({ kind: "dataclip", id, name: "Mine" })).toBe("saved");
    expect(sourceOf({ kind: "dataclip", id, name: null })).toBe("ran");
  });
});

describe("what the page begins with", () => {
  test("is what its address names", () => {
    const named = (query: string) => namedInput(new URLSearchParams(query));
    expect(named(`node=x&step=${id}`)).toEqual({ kind: "step", id });
    expect(named(`message=${id}&step=${id}`)).toEqual({ kind: "message", id });
    expect(named(`dataclip=${id}`)).toEqual({ kind: "dataclip", id, name: null });
    expect(named("node=x")).toBeNull();
    expect(named("message=anything")).toBeNull();
  });

  test("is a message where triggers take one", () => {
    expect(takesMessages({ triggers: [] })).toBe(true);
  });
});

describe("what is kept in the browser", () => {
  const place = { userId: "u", workflowId: "w" };
  const storage = (items = new Map<string, string>()) => ({
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    items,
  });

  test("comes back to the same person and workflow, and to no other", () => {
    const own = storage();
    keep(place, { input: { kind: "json" }, json: '{"data":1}' }, own);
    expect(readKept(place, own)).toEqual({ input: { kind: "json" }, json: '{"data":1}' });
    expect(readKept({ ...place, userId: "v" }, own)).toBeNull();
    expect(readKept({ ...place, workflowId: "x" }, own)).toBeNull();
  });

  test("is bounded, and whatever else stands there is nothing", () => {
    const own = storage();
    keep(place, { input: { kind: "message", id }, json: "x".repeat(200_001) }, own);
    expect(readKept(place, own)).toEqual({ input: { kind: "message", id }, json: "" });
    for (const key of own.items.keys())
      own.items.set(key, '{"input":{"kind":"message","id":"../x"},"json":""}');
    expect(readKept(place, own)).toBeNull();
    for (const key of own.items.keys()) own.items.set(key, "{");
    expect(readKept(place, own)).toBeNull();
  });

  test("is nothing where the browser keeps nothing", () => {
    const refuse = () => {
      throw new DOMException("no", "QuotaExceededError");
    };
    expect(() => keep(place, { input: { kind: "none" }, json: "" }, { setItem: refuse })).not.toThrow();
    expect(readKept(place, { getItem: refuse })).toBeNull();
  });
});
