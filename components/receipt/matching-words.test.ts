import { expect, test } from "vitest";
import type { FailedCondition, TriggerMatching } from "@/lib/domain/message/matching";
import { matchingWords } from "./matching-words";

const trigger: TriggerMatching = {
  triggerId: "t",
  type: "message_filter",
  workflowId: "w",
  workflowName: "Visit",
  outcome: "inclusion",
  started: false,
  paused: false,
  condition: null,
};
const said = (of: Partial<TriggerMatching>) =>
  matchingWords({ ...trigger, ...of })
    .map((piece) => (typeof piece === "string" ? piece : `\`${piece.code}\``))
    .join("");

test.each<[FailedCondition, string]>([
  [
    { path: ["patient", "id"], why: "missing", wanted: '"P-1"', came: null },
    '`patient.id` is missing; the filter wants `"P-1"`.',
  ],
  [
    { path: ["form"], why: "different", wanted: '"visit"', came: '"x"' },
    '`form` is `"x"`; the filter wants `"visit"`.',
  ],
  [
    { path: [], why: "different", wanted: '{"a":1}', came: "null" },
    'The message is `null`; the filter wants `{"a":1}`.',
  ],
  [
    { path: ["first name", "a.b", "tags"], why: "no_item", wanted: "1", came: "[2]" },
    '`["first name"]["a.b"].tags` is `[2]`, of which no item is or contains `1`.',
  ],
  [
    { path: [], why: "contained", wanted: '{"test":true}', came: null },
    'The message contains what the trigger excludes: `{"test":true}`.',
  ],
])("%j: %s", (condition, sentence) => {
  expect(said({ condition })).toBe(sentence);
});

test("a trigger that would take it now is told from one that took it, and a paused one says that runs wait", () => {
  expect(said({ outcome: "matches", started: true })).toBe("Took it.");
  expect(said({ outcome: "matches" })).toContain("Would take it now");
  expect(said({ outcome: "matches", started: true, paused: true })).toContain("wait until");
});

test("whose URL a trigger is for is said", () => {
  expect(said({ outcome: "other_address" })).toContain("the project's inbox URL");
  expect(said({ outcome: "other_address", type: "webhook" })).toContain("its own URL");
});
