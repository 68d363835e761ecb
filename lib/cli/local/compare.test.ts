import { describe, expect, it } from "vitest";
import type { StepResult } from "@/lib/runner/contract";
import { cameOf, differences, everyDifference } from "./compare";
import { inTurn } from "./in-turn";
import { readState } from "./state";

const came = (output: string | null, more: Partial<StepResult> = {}) =>
  cameOf({
    reason: output === null ? "crash" : "success",
    output,
    error: null,
    conditions: {},
    durationMs: 1,
    peakMemoryMb: null,
    connections: [],
    ...more,
  });
const expected = (output: string | null, more: { error?: string; requests?: string } = {}) => ({
  output,
  error: more.error ?? null,
  requests: more.requests ?? null,
});
const request = {
  host: "a.example",
  port: 443,
  secure: true,
  method: "GET",
  path: "/x?y=1",
  headers: { "user-agent": "undici" },
  body: "",
};

describe("the comparison of what came with what is expected", () => {
  it("does not look at the order of keys, but at every digit and every item", () => {
    const output = '{"b":[1,2],"a":9007199254740993}';
    expect(differences(expected('{"a":9007199254740993,"b":[1,2]}'), came(output))).toEqual([]);
    expect(differences(expected('{"a":9007199254740992,"b":[1,2]}'), came(output))).toMatchObject([
      {
        file: "output",
        lines: [
          "  {",
          '-   "a": 9007199254740992,',
          '+   "a": 9007199254740993,',
          '    "b": [',
          "      1,",
          "      2",
        ],
      },
    ]);
    expect(differences(expected('{"a":9007199254740993,"b":[2,1]}'), came(output))).toHaveLength(1);
  });

  it("takes an error of the expected type when no message is expected, and tells an output from an error", () => {
    const crash = came(null, { error: { type: "ReferenceError", message: "x is not defined" } });
    expect(differences(expected(null, { error: '{"type":"ReferenceError"}' }), crash)).toEqual([]);
    const other = '{"type":"ReferenceError","message":"y is not defined"}';
    expect(differences(expected(null, { error: other }), crash)).toHaveLength(1);
    expect(differences(expected("{}"), crash).map(({ file }) => file)).toEqual(["output", "error"]);
  });

  it("shows what a configuration holds as it is shown elsewhere, and keeps requests without headers", () => {
    const done = came('{"key":"hush"}', {
      shown: { text: '{"key":"***"}', hidden: ["hush"] },
      requests: [request],
    });
    expect(done.output).not.toContain("hush");
    expect(JSON.parse(done.requests ?? "")).toEqual([{ method: "GET", url: "https://a.example/x?y=1" }]);
    expect(differences(expected('{"key":"***"}'), done)).toEqual([]);
    expect(everyDifference(expected('{"key":"***"}'), done).map(({ file }) => file)).toEqual(["requests"]);
    expect(differences(expected('{"key":"***"}', { requests: "[]" }), done).map(({ file }) => file)).toEqual([
      "requests",
    ]);
  });

  it("says which file is no JSON", () => {
    expect(() => differences(expected("{"), came("{}"))).toThrow("the output is no JSON");
  });
});

describe("a state", () => {
  it("comes apart into what the job begins with and what its credential would hold", () => {
    expect(readState('\ufeff{"data":{"n":9007199254740993},"configuration":{"pin":1}}')).toEqual({
      input: '{"data":{"n":9007199254740993}}',
      configuration: { pin: 1 },
    });
    expect(readState('{"a":1}')).toEqual({ input: '{"a":1}', configuration: null });
    for (const text of ["[]", "1", "null", '{"configuration":[1]}', "{"])
      expect(() => readState(text), text).toThrow();
  });
});

describe("work in turn", () => {
  it("is done some at once and told in the order of the items", async () => {
    let atOnce = 0;
    let most = 0;
    const told: number[] = [];
    const work = async (n: number) => {
      most = Math.max(most, ++atOnce);
      await new Promise<void>((resolve) => setImmediate(resolve));
      atOnce--;
      return n * 10;
    };
    for await (const one of inTurn([1, 2, 3, 4, 5], 2, work)) told.push(one);
    expect(told).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  it("ends with what was thrown", async () => {
    const all = async () => {
      for await (const _ of inTurn([1, 2, 3], 1, async (n) =>
        n === 2 ? Promise.reject(new Error("two")) : n,
      ));
    };
    await expect(all()).rejects.toThrow("two");
  });
});
