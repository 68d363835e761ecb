import { describe, expect, test } from "vitest";
import { plainJob, plainTrigger, plainWorkflow } from "@/lib/workflow/complete";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { type Choice, firstJobs, jsonProblem, requestOf } from "./choice";

const job = (id: string) => ({
  id,
  name: `Job ${id}`,
  body: "",
  adaptor: "",
  adaptorVersion: "",
  projectCredentialId: null,
  ...plainJob,
});
const edge = (id: string, targetJobId: string, enabled = true) => ({
  id,
  sourceTriggerId: "t",
  sourceJobId: null,
  targetJobId,
  conditionType: "always" as const,
  conditionExpression: null,
  conditionLabel: null,
  enabled,
});
const graph: WorkflowGraph = {
  name: "w",
  ...plainWorkflow,
  concurrency: null,
  triggers: [
    {
      id: "t",
      type: "webhook",
      enabled: true,
      inclusion: null,
      exclusion: null,
      cronExpression: null,
      cronCursorJobId: null,
      webhookReply: null,
      webhookResponseConfig: null,
      ...plainTrigger,
    },
  ],
  jobs: [job("a"), job("b"), job("c")],
  edges: [edge("1", "a"), edge("2", "b"), edge("3", "c", false)],
  positions: null,
};
const choice = (more: Partial<Choice>): Choice => ({
  startId: "t",
  source: "empty",
  recent: null,
  saved: null,
  messageId: "",
  json: "",
  name: "",
  ...more,
});
const at = "2026-11-25T10:00:00.000Z";
const recent = { name: null, type: null, size: 1, preview: null, at };
const messageId = "01900000-0000-7000-8000-000000000001";

describe("what is asked for", () => {
  test("is the trigger or the job, and no input", () => {
    expect(requestOf(choice({}), graph)).toEqual({ triggerId: "t" });
    expect(requestOf(choice({ startId: "b" }), graph)).toEqual({ jobId: "b" });
  });

  test("is a recent message or state, a saved one, or a message by its id", () => {
    const ofMessage = { ...recent, messageId, dataclipId: null };
    const ofState = { ...recent, messageId, dataclipId: "d" };
    const saved = { id: "s", name: "Mine", type: "saved_input" as const, size: 2, createdAt: at };
    expect(requestOf(choice({ source: "recent", recent: ofMessage }), graph)).toMatchObject({ messageId });
    expect(requestOf(choice({ source: "recent", recent: ofState }), graph)).toEqual({
      triggerId: "t",
      dataclipId: "d",
    });
    expect(requestOf(choice({ source: "saved", saved }), graph)).toMatchObject({ dataclipId: "s" });
    for (const named of [
      ` ${messageId} `,
      `https://waybill.example.org/p/01900000-0000-7000-8000-00000000000a/inbox/${messageId}?step=01900000-0000-7000-8000-00000000000b`,
    ])
      expect(requestOf(choice({ source: "message", messageId: named }), graph)).toMatchObject({ messageId });
  });

  test("is the pasted state, saved when it has a name", () => {
    const pasted = choice({ source: "json", json: '{"data": 1}' });
    expect(requestOf(pasted, graph)).toEqual({ triggerId: "t", json: { data: 1 } });
    expect(requestOf({ ...pasted, name: " Mine " }, graph)).toMatchObject({ name: "Mine" });
  });

  test.each<[string, Partial<Choice>]>([
    ["Choose an input.", { source: "recent" }],
    ["Choose a saved input.", { source: "saved" }],
    ["Paste the address of the message's receipt, or its id.", { source: "message", messageId: "x" }],
    ["Paste a JSON object.", { source: "json" }],
    ['A state is a JSON object, such as {"data": {"id": 1}}.', { source: "json", json: "[1]" }],
  ])("says what is missing: %s", (sentence, more) => {
    expect(requestOf(choice(more), graph)).toBe(sentence);
  });

  test("says why a text is no JSON", () => {
    expect(jsonProblem("{a: 1}")).toContain("not valid JSON");
  });
});

test("the jobs that a run begins with are those that enabled edges lead to, or the one chosen", () => {
  expect(firstJobs(graph, "t")).toEqual(["Job a", "Job b"]);
  expect(firstJobs(graph, "c")).toEqual(["Job c"]);
});
