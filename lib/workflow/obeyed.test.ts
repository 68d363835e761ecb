import { describe, expect, it } from "vitest";
import { obeyedOnly } from "./obeyed";
import { trigger, triggerEdge, workflow } from "./testing";
import type { TriggerNode } from "./types";
import { validateGraph } from "./validate-graph";

describe("settings without effect", () => {
  const graphOf = (changes: Partial<TriggerNode>) => {
    return workflow(["a"], [triggerEdge("t", "a")], [trigger("t", changes)]);
  };
  const fieldsOf = (changes: Partial<TriggerNode>) =>
    validateGraph(graphOf(changes)).map(({ field }) => field);
  const cron = { type: "cron", cronExpression: "0 0 * * *" } as const;

  it.each<[Partial<TriggerNode>, string]>([
    [{ type: "webhook", inclusion: {} }, "inclusion"],
    [{ type: "webhook", exclusion: { a: 1 } }, "exclusion"],
    [{ type: "webhook", cronExpression: "0 0 * * *" }, "cronExpression"],
    [{ type: "message_filter", cronCursorJobId: "a" }, "cronCursorJobId"],
    [{ type: "message_filter", webhookReply: "before_start" }, "webhookReply"],
    [{ ...cron, inclusion: { a: 1 } }, "inclusion"],
    [{ ...cron, webhookReply: "before_start" }, "webhookReply"],
    [{ type: "webhook", timeZone: "UTC" }, "timeZone"],
    [{ type: "message_filter", whenRunning: "skip" }, "whenRunning"],
    [{ type: "webhook", sourceJobId: "z" }, "sourceJobId"],
    [{ ...cron, sourceJobId: "z" }, "sourceJobId"],
    [{ type: "flow", sourceJobId: "z", cronExpression: "0 0 * * *" }, "cronExpression"],
    [{ type: "catch", sourceJobId: "z", timeZone: "UTC" }, "timeZone"],
    [{ ...cron, customPath: "visits" }, "customPath"],
    [{ type: "message_filter", takesGet: true }, "takesGet"],
    [{ type: "message_filter", openRosa: false }, "openRosa"],
  ])("are refused where the type does not obey them: %j", (changes, field) => {
    expect(fieldsOf(changes)).toEqual([field]);
  });

  it("such as status codes of an answer that does not wait for the run, and 201 for one that does", () => {
    const waits = { type: "webhook", webhookReply: "after_completion" } as const;
    expect(fieldsOf({ ...waits, webhookResponseConfig: { success_code: 200 } })).toEqual([]);
    expect(fieldsOf({ ...waits, openRosa: true })).toEqual(["openRosa"]);
    expect(fieldsOf({ type: "webhook", webhookReply: "custom" })).toEqual([]);
    expect(fieldsOf({ type: "webhook", webhookResponseConfig: { success_code: 201 } })).toEqual([
      "webhookResponseConfig",
    ]);
    expect(fieldsOf({ type: "webhook", webhookReply: "before_start" })).toEqual([]);
  });

  it("such as the job that a trigger follows which follows none", () => {
    expect(fieldsOf({ type: "webhook", sourceJobId: "a" })).toEqual(["sourceJobId"]);
  });

  it("such as an expression that no condition asks", () => {
    const graph = graphOf({});
    const edges = graph.edges.map((edge) => ({ ...edge, conditionExpression: "state.x" }));
    expect(validateGraph({ ...graph, edges }).map(({ field }) => field)).toEqual(["conditionExpression"]);
    expect(validateGraph(obeyedOnly({ ...graph, edges }))).toEqual([]);
  });

  it("are left out of versions that were stored with them, so that the next save is not refused", () => {
    const stored = graphOf({
      type: "webhook",
      webhookReply: "before_start",
      webhookResponseConfig: {},
      inclusion: {},
    });
    expect(validateGraph(obeyedOnly(stored))).toEqual([]);
    const sound = graphOf({ ...cron, cronCursorJobId: "a" });
    expect(obeyedOnly(sound)).toEqual(sound);
  });
});
