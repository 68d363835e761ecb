import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Refusal } from "@/lib/refusal";
import { errorResponse } from "./errors";
import { readBody, readQuery } from "./input";

const query = z.strictObject({ cursor: z.string().optional(), limit: z.coerce.number().max(100).optional() });
const body = z.strictObject({
  name: z.string(),
  jobs: z.array(z.strictObject({ adaptor: z.string() })).default([]),
  free: z.record(z.string(), z.json()).optional(),
});
const either = z.union([
  z.strictObject({ token: z.string() }),
  z.strictObject({ invitationId: z.uuid(), note: z.string() }),
]);

/** What a client is told. */
async function told(work: () => unknown): Promise<string> {
  const error: unknown = await (async () => work())().catch((thrown: unknown) => thrown);
  const { error: said }: { error: Pick<Refusal, "code" | "message"> } = await errorResponse(error).json();
  expect(said.code).toBe("invalid");
  return said.message;
}

const search = (text: string) => told(() => readQuery(query, new URLSearchParams(text)));
const send = (text: BodyInit, schema: z.ZodType | undefined = body) =>
  told(() => readBody(schema, new Request("http://x", { method: "POST", body: text })));

describe("the query", () => {
  test("an unknown key is named, with the one that was meant", async () => {
    expect(await search("limt=5")).toBe('Unknown key "limt" in the query. Did you mean "limit"?');
    expect(await search("page=5")).toBe('Unknown key "page" in the query. Known: cursor, limit.');
  });
  test("a repeated key is refused, not decided", async () => {
    expect(await search("limit=5&limit=6")).toBe('The key "limit" is repeated in the query. Send it once.');
  });
  test("what no database text can hold is refused", async () => {
    expect(await search("cursor=%00")).toBe("The query holds a NUL character. Remove it.");
  });
  test("without a schema nothing is expected", async () => {
    expect(await told(() => readQuery(undefined, new URLSearchParams("a=1")))).toBe(
      'Unknown key "a" in the query. Nothing is expected there.',
    );
    expect(readQuery(undefined, new URLSearchParams())).toEqual({});
  });
  test("other problems keep their place", async () => {
    expect(await search("limit=1000")).toMatch(/^limit: /);
  });
});

describe("the body", () => {
  test("unknown keys are named wherever they are", async () => {
    expect(await send('{"nam":"a"}')).toMatch(/^name: /);
    expect(await send('{"name":"a","Name":"b"}')).toBe(
      'Unknown key "Name" in the body. Did you mean "name"?',
    );
    expect(await send('{"name":"a","jobs":[{"adaptor":"x","adapter":"y"}]}')).toBe(
      'Unknown key "adapter" in jobs.0 of the body. Did you mean "adaptor"?',
    );
    expect(await send('{"name":"a","constructor":1}')).toContain('Unknown key "constructor"');
    expect(await send('{"name":"a","__proto__":1}')).toContain('Unknown key "__proto__"');
  });
  test("what is somebody else's data stays free", async () => {
    const request = new Request("http://x", { method: "POST", body: '{"name":"a","free":{"any":[1]}}' });
    expect(await readBody(body, request)).toEqual({ name: "a", jobs: [], free: { any: [1] } });
  });
  test("of several shapes the likeliest says what is wrong", async () => {
    expect(await send('{"token":"a","tokn":"b"}', either)).toBe(
      'Unknown key "tokn" in the body. Did you mean "token"?',
    );
    expect(await send("{}", either)).toMatch(/^token: /);
  });
  test("nothing is an empty object, and where nothing is expected only that goes", async () => {
    expect(await readBody(undefined, new Request("http://x", { method: "POST" }))).toEqual({});
    expect(await send('{"a":1}', z.strictObject({}))).toBe(
      'Unknown key "a" in the body. Nothing is expected there.',
    );
  });
  test("what is no JSON, no UTF-8 or too deep is a sentence", async () => {
    expect(await send("{")).toBe("The request body is not valid JSON.");
    expect(await send(new Uint8Array([0x22, 0xff, 0x22]))).toBe("The request body is not valid JSON.");
    expect(await send("[".repeat(100_000) + "]".repeat(100_000))).toBe(
      "The request body is nested more than 200 levels deep.",
    );
  });
});
