import { describe, expect, it } from "vitest";
import { trigger } from "@/lib/workflow/testing";
import type { TriggerNode } from "@/lib/workflow/types";
import { answersWords } from "./answers-words";

const words = (changes: Partial<TriggerNode>) => answersWords(trigger("t", { type: "webhook", ...changes }));

describe("how a webhook's page says that its senders are answered", () => {
  it.each([{}, { webhookReply: "before_start" }, { webhookReply: "custom" }] as const)(
    "at once: %j",
    (changes) => {
      expect(words(changes)).toBe("at once, when the message is stored");
    },
  );

  it("when the run has ended, with the codes of its configuration", () => {
    const webhookReply = "after_completion";
    expect(words({ webhookReply })).toContain("when the run has ended, with 201, unless");
    expect(words({ webhookReply, webhookResponseConfig: { error_code: 422 } })).toContain(
      "with 201 after success and 422 otherwise",
    );
    expect(words({ webhookReply, webhookResponseConfig: { success_code: 200, error_code: 200 } })).toContain(
      "with 200, unless",
    );
  });

  it("as OpenRosa's clients expect", () => {
    expect(words({ openRosa: true })).toBe("at once, with 201, when the form is stored");
  });
});
