import { describe, expect, test } from "vitest";
import type { MessageDetail } from "@/lib/domain/message/types";
import { ExactNumber, parseExact, stringifyExact } from "@/lib/exact-json";
import type { MessageFormat } from "@/lib/words";
import { stateOfMessage as storedState } from "@/lib/workflow/message-state";
import { contentOf, stateOfMessage } from "./message-content";

const shown = (more: Partial<MessageDetail> & { content?: string }): MessageDetail => {
  const { content = "", ...rest } = more;
  return {
    ...({
      method: "POST",
      path: ["i"],
      query: {},
      headers: { a: "b" },
      format: "json",
      wiped: null,
    } as const),
    size: content.length,
    body: { encoding: "text", content, truncated: false },
    ...rest,
  } as MessageDetail;
};

describe("the state that a message gives, as pages show it", () => {
  test.each<[MessageFormat, string, MessageDetail["view"]]>([
    ["json", '{"id":9007199254740993,"a":[1]}', undefined],
    ["form", "a=1", { a: "1" }],
    ["xml", "<a>1</a>", { a: "1" }],
    ["text", "plain", undefined],
    ["empty", "", undefined],
  ])("is the one that a job gets: %s", async (format, content, view) => {
    const message = shown({ format, content, view });
    const body = Buffer.from(content);
    const { method, path, headers } = message;
    const stored = await storedState({
      ...{ method, path, headers, query: {}, format, body, reading: null },
      view: view === undefined ? null : (view as never),
    });
    expect(stringifyExact(stateOfMessage(message))).toBe(stringifyExact(parseExact(stored)));
  });

  test("keeps every digit, and says what a GET asked", () => {
    expect(contentOf(shown({ content: '{"n":9007199254740993}' }))).toEqual({
      n: new ExactNumber("9007199254740993"),
    });
    expect(contentOf(shown({ format: "empty", method: "GET", query: { a: "1" } }))).toEqual({ a: "1" });
  });

  test("is unknown of a message that is cut or wiped", () => {
    const body = { encoding: "text", content: "{", truncated: true } as const;
    expect(stateOfMessage(shown({ body }))).toBeUndefined();
    const wiped = { at: null, says: "It is wiped." } as never;
    expect(contentOf(shown({ content: "{}", wiped }))).toBeUndefined();
  });
});
