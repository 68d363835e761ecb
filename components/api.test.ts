import { afterEach, describe, expect, test, vi } from "vitest";
import { ApiError, getJson, sendJson, withQuery } from "./api";
import { compact } from "./query";

afterEach(() => vi.unstubAllGlobals());
const answer = (response: () => Response | Promise<Response>) => vi.stubGlobal("fetch", vi.fn(response));

describe("calls to our own API", () => {
  test("an error carries the server's sentence, code and fields", async () => {
    const error = { code: "conflict", message: "Try again in 7 s.", details: { jobId: ["busy"] } };
    answer(() => Response.json({ error }, { status: 409 }));
    const thrown = await getJson("/x").catch((e: unknown) => e);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ status: 409, ...error });
  });

  test("an answer that is not ours, and no answer at all, are sentences too", async () => {
    answer(() => new Response("<html>", { status: 502 }));
    await expect(getJson("/x")).rejects.toThrow("The server answered 502. Try again in a moment.");
    answer(() => Promise.reject(new TypeError("failed to fetch")));
    await expect(getJson("/x")).rejects.toThrow("The server cannot be reached.");
  });

  test("no content is undefined", async () => {
    answer(() => new Response(null, { status: 204 }));
    expect(await sendJson("/x", {})).toBeUndefined();
  });

  test("empty filters do not reach the address", () => {
    expect(withQuery("/x", compact({ state: null, text: "a b", job: "" }))).toBe("/x?text=a+b");
    expect(withQuery("/x", { cursor: null })).toBe("/x");
  });
});
