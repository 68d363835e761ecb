import { describe, expect, test } from "vitest";
import { batchesOf, changeWords, type Replay, type ReplayedMessage, replayWords, sorted } from "./replay";

const end = { state: "success", errorType: null, errorMessage: null } as const;
const one = (messageId: string, more: Partial<ReplayedMessage> = {}): ReplayedMessage => ({
  ...{ messageId, problem: null, before: end, after: end, changes: [], unsteady: [] },
  ...more,
});
const change = {
  jobId: "j",
  jobName: "Pay",
  what: "output",
  before: null,
  after: null,
  difference: null,
} as const;
const unsteady = [{ jobId: "j", jobName: "Pay", what: "output" }];
const ids = (count: number) => Array.from({ length: count }, (_, n) => `m${n}`);
const replay = (more: Partial<Replay>): Replay => ({
  ...{ messageIds: ids(3), compared: [], isRunning: false },
  ...more,
});

test("messages are asked about ten at a time, each once, where the trigger is that took them", () => {
  const took = (triggerId: string | null) => (id: string) => ({ id, triggerId });
  const [hook, gone] = [ids(12).map(took("hook")), [took("gone")("g1"), took(null)("g2")]];
  const batches = batchesOf([...gone, ...hook], [{ id: "hook" }]);
  expect(batchesOf([], [])).toEqual([]);
  expect(batches).toEqual([
    { triggerId: null, messageIds: ["g1", "g2"] },
    { triggerId: "hook", messageIds: ids(10) },
    { triggerId: "hook", messageIds: ["m10", "m11"] },
  ]);
});

describe("what a replay came to", () => {
  const compared = [
    one("same"),
    one("changed", { changes: [change], unsteady }),
    one("unsteady", { unsteady }),
    one("skipped", { problem: "It is wiped.", before: null, after: null }),
  ];

  test("is told apart: changed, not steady, not compared, the same; each message is in one of them", () => {
    const found = sorted(compared);
    expect(found.changed.map(({ messageId }) => messageId)).toEqual(["changed"]);
    expect(found.unsteady.map(({ messageId }) => messageId)).toEqual(["unsteady"]);
    expect(found.skipped.map(({ messageId }) => messageId)).toEqual(["skipped"]);
    expect(found.same).toBe(1);
  });

  test.each<[string, Partial<Replay>]>([
    ["All of 3 messages replayed: none changed.", { compared: ids(3).map((id) => one(id)) }],
    ["1 of 3 messages replayed: none changed so far.", { compared: [one("a")], isRunning: true }],
    ["Stopped after 1 of 3 messages: 1 message changes.", { compared: [one("a", { changes: [change] })] }],
    [
      "All of 4 messages replayed: 1 message changes (1 not steady, 1 not compared).",
      { messageIds: ids(4), compared },
    ],
  ])("is said: %s", (words, more) => {
    expect(replayWords(replay(more))).toBe(words);
  });
});

test("a change names the job and what of it", () => {
  expect(changeWords(change)).toBe("Pay: another output");
  expect(changeWords({ ...change, what: "end", before: "success", after: "failed" })).toBe(
    "Pay: ends otherwise, success before, failed now",
  );
  expect(changeWords({ ...change, what: "requests", before: "1 request", after: "2 requests" })).toBe(
    "Pay: other requests, 1 request before, 2 requests now",
  );
});
