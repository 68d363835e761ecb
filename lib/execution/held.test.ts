import { expect, test } from "vitest";
import { HeldStates } from "./held";

const state = (text: string) => ({ text, hidden: [] });

test("results are held until their run ends, and the oldest go when there are too many", () => {
  const held = new HeldStates(10);
  held.hold("run-1", "a", state("12345"));
  held.hold("run-2", "b", state("12345"));
  expect([held.get("a")?.text, held.get("b")?.text]).toEqual(["12345", "12345"]);
  held.hold("run-1", "c", state("1"));
  expect([held.get("a"), held.get("b")?.text, held.get("c")?.text]).toEqual([undefined, "12345", "1"]);
  held.hold("run-1", "c", state("12"));
  held.hold("run-3", "d", state("123"));
  expect(held.get("b")?.text).toBe("12345");
  held.release("run-2");
  held.hold("run-3", "e", state("12345"));
  expect([held.get("b"), held.get("c")?.text, held.get("e")?.text]).toEqual([undefined, "12", "12345"]);
});

test("what is more than everything together is not held", () => {
  const held = new HeldStates(3);
  held.hold("run", "a", state("1234"));
  expect(held.get("a")).toBeUndefined();
});
