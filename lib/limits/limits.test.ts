import { expect, test } from "vitest";
import { hasMoreKeys, jsonShape } from "@/lib/json-shape";
import { limits, refuseGrowth, tooMuch } from ".";

test("a refusal says how much, whose, the limit and what to do", () => {
  expect(tooMuch("jobCode", 5_000_001, 'The job "Load"')).toBe(
    'The job "Load" has 5,000,001 bytes of code; at most 5,000,000 are allowed. Split it into several jobs.',
  );
  expect(tooMuch("requestValues", null, "The request body")).toBe(
    "The request body has more than the 200,000 keys and list items that are allowed. Send it in smaller parts.",
  );
});

test("what is over a limit may stay and shrink, but not grow", () => {
  const over = limits.jobCode + 10;
  expect(() => refuseGrowth("jobCode", limits.jobCode, 0, "It")).not.toThrow();
  expect(() => refuseGrowth("jobCode", over, over, "It")).not.toThrow();
  expect(() => refuseGrowth("jobCode", over - 1, over, "It")).not.toThrow();
  expect(() => refuseGrowth("jobCode", over, over - 1, "It")).toThrow("at most 5,000,000 are allowed");
});

test("the shape of JSON is known before it is parsed, whatever is in its strings", () => {
  const most = { levels: 1_000, values: 1_000 };
  expect(jsonShape('{"a":[1,2,{"b":"[[[,,,\\\\\\"{"}]}', most)).toEqual({
    levels: 3,
    values: 6,
    containers: 3,
  });
  expect(jsonShape("17", most)).toEqual({ levels: 0, values: 1, containers: 0 });
  expect(jsonShape("[".repeat(1e6), { levels: 1_000 }).levels).toBe(1_001);
  expect(jsonShape(`[${"1,".repeat(1e6)}`, most).values).toBe(1_001);
  expect(jsonShape('"unfinished', most)).toEqual({ levels: 0, values: 1, containers: 0 });
  expect(jsonShape("[]".repeat(1e6), { containers: 9 }).containers).toBe(10);
});

test("different keys are counted, and no texts", () => {
  const text = '{"a":"b:","c" : {"a":["x","y",{"z\\"":1}]},"a":2}';
  expect([hasMoreKeys(text, 2), hasMoreKeys(text, 3), hasMoreKeys('["a","b"', 0)]).toEqual([
    true,
    false,
    false,
  ]);
});
