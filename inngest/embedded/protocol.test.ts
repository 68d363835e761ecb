import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { readFunctions } from "./functions";
import {
  bearer,
  canonicalJson,
  completeEvent,
  functionUuid,
  parseOps,
  readAnswer,
  signature,
  ulid,
} from "./protocol";

type Exchange = {
  what: string;
  from: "server" | "sdk";
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
  status: number;
  answerHeaders: Record<string, string>;
  answer: string;
};

/** Recorded between a real Inngest server and the SDK, with this signing key. */
const signingKey = "signkey-prod-0123456789abcdef0123456789abcdef";
const wire = fs
  .readFileSync(new URL("./fixtures/wire.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Exchange);
const exchange = (what: string): Exchange => {
  const found = wire.find((one) => one.what === what);
  if (!found) throw new Error(`${what} was not recorded`);
  return found;
};
const answerOf = (what: string) => {
  const { status, answerHeaders, answer } = exchange(what);
  return readAnswer(status, new Headers(answerHeaders), answer);
};
const opsOf = (what: string) => {
  const answer = answerOf(what);
  return answer.kind === "ops" ? answer.ops : [];
};

describe("canonical JSON", () => {
  it("sorts keys at every depth and drops what is undefined", () => {
    expect(canonicalJson({ b: [{ z: 1, a: null }, undefined], a: undefined, "\u20ac": "\n", A: 1.5e3 })).toBe(
      '{"A":1500,"b":[{"a":null,"z":1},null],"€":"\\n"}',
    );
  });

  it.each(wire.filter((one) => one.from === "server" && one.method === "POST"))(
    "is the form in which the real server sends ($what)",
    ({ body }) => expect(canonicalJson(JSON.parse(body))).toBe(body),
  );
});

describe("signatures", () => {
  const signed = wire.flatMap(({ what, headers, body, answerHeaders, answer }) => [
    ...(headers["x-inngest-signature"]
      ? [{ what: `${what}: call`, body, header: headers["x-inngest-signature"] }]
      : []),
    ...(answerHeaders["x-inngest-signature"]
      ? [{ what: `${what}: answer`, body: answer, header: answerHeaders["x-inngest-signature"] }]
      : []),
  ]);

  it.each(signed)("are those of the recorded traffic ($what)", ({ body, header }) => {
    const seconds = Number(/^t=(\d+)&/.exec(header)?.[1]);
    expect(signature(signingKey, body, seconds)).toBe(header);
  });

  it("of the SDK's own calls hash the decoded key", () => {
    const recorded = exchange("checkpoint").headers.authorization ?? "";
    expect(bearer(signingKey.replace("signkey-prod-", ""))).toBe(recorded);
    expect(bearer(signingKey)).toBe(recorded.replace("Bearer ", "Bearer signkey-prod-"));
  });
});

describe("answers of the SDK", () => {
  it("bring the ops that were recorded", () => {
    expect(opsOf("RunComplete")).toMatchObject([{ op: "RunComplete", data: null }]);
    expect(opsOf("StepRun")).toMatchObject([{ op: "StepRun", displayName: "p1", data: 1 }]);
    expect(opsOf("Sleep")).toMatchObject([{ op: "Sleep", name: "3s" }]);
  });

  it("tell a step that may be tried again from one that failed for good", () => {
    expect(answerOf("StepError")).toMatchObject({ kind: "ops", isFinal: false, version: 2 });
    expect(answerOf("StepFailed")).toMatchObject({ kind: "ops", isFinal: true });
  });

  it("tell a function error that may be tried again from a final one", () => {
    expect(answerOf("function error, will retry")).toMatchObject({
      kind: "error",
      isFinal: false,
      error: { name: "Error", message: "top" },
    });
    expect(answerOf("function error, final")).toMatchObject({ kind: "error", isFinal: true });
  });

  it("that are none of the SDK's are retryable errors", () => {
    expect(answerOf("unsigned GET")).toMatchObject({ kind: "error", isFinal: false });
    const proxy = readAnswer(502, new Headers(), "<html>Bad Gateway</html>");
    expect(proxy).toMatchObject({ kind: "error", isFinal: false });
    const cut = readAnswer(206, new Headers({ "x-inngest-sdk": "inngest-js:v4.24.0" }), '[{"op":');
    expect(cut).toMatchObject({ kind: "error", isFinal: false });
  });

  it.each([
    ["WaitForEvent", "op code WaitForEvent is not supported by the embedded engine"],
    ["InvokeFunction", "op code InvokeFunction is not supported by the embedded engine"],
    ["StepPlanned, race", "race mode are not supported by the embedded engine"],
  ])("with a step tool that is not supported fail at once, in a sentence (%s)", (what, sentence) => {
    expect(answerOf(what)).toMatchObject({
      kind: "error",
      isFinal: true,
      error: { message: expect.stringContaining(sentence) },
    });
  });

  it("checkpoint steps in the same form", () => {
    const { steps } = JSON.parse(exchange("checkpoint").body) as { steps: unknown };
    expect(parseOps(steps)).toMatchObject([{ op: "StepRun", displayName: "t", data: null }]);
  });
});

it("the recorded registration is understood", () => {
  const { functions } = JSON.parse(exchange("sync").answer) as { functions: { id: string }[] };
  const read = readFunctions(
    functions.filter(({ id }) => !["ofn-sync", "ofn-cancellable", "ofn-idem"].includes(id)),
  );
  expect(read.find((fn) => fn.id === "ofn-nap")).toMatchObject({ maxAttempts: 5, limits: [], crons: [] });
  expect(read.find((fn) => fn.id === "ofn-tick")).toMatchObject({ crons: ["* * * * *"] });
});

describe("ids", () => {
  it("of runs sort by time", () => {
    expect(ulid(1_000)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(
      [ulid(3_000_000_000_000), ulid(1_000), ulid(2_000_000)].sort().map((id) => id.slice(0, 10)),
    ).toEqual([1_000, 2_000_000, 3_000_000_000_000].map((at) => ulid(at).slice(0, 10)));
  });

  it("of functions are stable UUIDs", () => {
    expect(functionUuid("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(functionUuid("a")).toBe(functionUuid("a"));
  });

  it("of events are kept, or made", () => {
    expect(completeEvent({ name: "a/b", id: "mine" })).toMatchObject({ id: "mine", data: {} });
    expect(completeEvent({ name: "a/b" }).id).toHaveLength(26);
  });
});
