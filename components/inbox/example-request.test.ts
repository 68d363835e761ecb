import { describe, expect, test } from "vitest";
import { exampleRequest } from "./example-request";

const origin = "http://127.0.0.1:3000";
const inboxUrl = `${origin}/i/inbox`;

describe("the example request of an empty inbox", () => {
  test("satisfies the message filter of the project's trigger", () => {
    const inclusion = { form: "it's", patient: { country: "ML" } };
    const example = exampleRequest({
      origin,
      inboxUrl,
      trigger: { id: "t", type: "message_filter", inclusion },
    });
    expect(JSON.parse(example.body)).toEqual({
      form: "it's",
      patient: { country: "ML", id: "P-1001", name: "Amina Diallo" },
    });
    expect(example.url).toBe(inboxUrl);
    expect(example.curl).toContain(`"form":"it'\\''s"`);
  });

  test("calls the trigger's own URL where the project has only a webhook", () => {
    expect(
      exampleRequest({ origin, inboxUrl, trigger: { id: "t", type: "webhook", inclusion: null } }).url,
    ).toBe(`${origin}/i/t`);
  });

  test("calls the inbox where nothing listens yet", () => {
    expect(exampleRequest({ origin, inboxUrl, trigger: undefined }).url).toBe(inboxUrl);
  });
});
