import { describe, expect, it } from "vitest";
import cases from "./fixtures/worker-exit-reasons-cases.json";
import { webhookResponseOf } from "./webhook-response";

const of = (webhookResponse: unknown, more: object = {}) =>
  webhookResponseOf(JSON.stringify({ data: 1, webhookResponse, ...more }));
const malformed = (why: string) => ({
  status: null,
  body: JSON.stringify({ message: `Run completed, but webhook_response was malformed: ${why}` }),
});

describe("state.webhookResponse", () => {
  it.each([
    [
      { status: 202, body: { ok: 1 } },
      { status: 202, body: '{"ok":1}' },
    ],
    [{ status: 404 }, { status: 404, body: "" }],
    [{ body: { a: [1, "é"] } }, { status: null, body: '{"a":[1,"é"]}' }],
    [
      { status: 201.9, body: null },
      { status: 201, body: "" },
    ],
    [{}, { status: null, body: "" }],
    [
      { status: null, body: {} },
      { status: null, body: "{}" },
    ],
  ])("says status, body, both or neither: %j", (said, response) => {
    expect(of(said)).toEqual(response);
  });

  it.each([undefined, null, "text", 7, true, [{ status: 204 }]])("says nothing as %j", (said) => {
    expect(of(said)).toBeNull();
  });

  it.each([
    [{ status: "201" }, 'status needs to be an integer, got: "201"'],
    [{ status: true, body: {} }, "status needs to be an integer, got: true"],
    [{ status: 99 }, "status needs to be from 200 to 599, got: 99"],
    [{ status: 101 }, "status needs to be from 200 to 599, got: 101"],
    [{ status: 600 }, "status needs to be from 200 to 599, got: 600"],
    [{ status: -1e300 }, "status needs to be from 200 to 599, got: -1e+300"],
    [{ body: "text" }, 'body needs to be a JSON object, got: "text"'],
    [{ status: 200, body: [1] }, "body needs to be a JSON object, got: [1]"],
    [{ body: "x".repeat(500) }, `body needs to be a JSON object, got: "${"x".repeat(99)}…`],
  ])("is answered in words when it is malformed: %j", (said, why) => {
    expect(of(said)).toEqual(malformed(why));
  });

  it("is a result's own, at its top", () => {
    expect(webhookResponseOf('{"data":{"webhookResponse":{"status":500}}}')).toBeNull();
    expect(webhookResponseOf('[{"webhookResponse":{"status":500}}]')).toBeNull();
    expect(webhookResponseOf('"webhookResponse"')).toBeNull();
    expect(webhookResponseOf('no JSON, "webhookResponse"')).toBeNull();
    expect(webhookResponseOf('{"__proto__":{"webhookResponse":{"status":500}}}')).toBeNull();
    expect(webhookResponseOf('{"webhookResponse":{"__proto__":{"status":500}}}')).toEqual({
      status: null,
      body: "",
    });
  });

  it("is what OpenFn's worker reports of the same result", () => {
    const recorded = cases.cases.flatMap(({ expect: { steps = [] } }) =>
      (steps as { output?: object; webhook_response?: { status: number; body: object } }[]).filter(
        (step) => step.webhook_response,
      ),
    );
    expect(recorded.length).toBeGreaterThan(0);
    for (const { output, webhook_response } of recorded)
      expect(webhookResponseOf(JSON.stringify(output))).toEqual({
        status: webhook_response?.status ?? null,
        body: JSON.stringify(webhook_response?.body),
      });
  });
});
