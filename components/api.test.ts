import { afterEach, describe, expect, test, vi } from "vitest";
import { ApiError, api, apiPath, withQuery } from "./api";
import { compact } from "./query";

afterEach(() => vi.unstubAllGlobals());
const answer = (response: () => Response | Promise<Response>) => vi.stubGlobal("fetch", vi.fn(response));

describe("calls to our own API", () => {
  test("an error carries the server's sentence, code and fields", async () => {
    const error = { code: "conflict", message: "Try again in 7 s.", details: { jobId: ["busy"] } };
    answer(() => Response.json({ error }, { status: 409 }));
    const thrown = await api("GET /api/account").catch((e: unknown) => e);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ status: 409, ...error });
  });

  test("an answer that is not ours, and no answer at all, are sentences too", async () => {
    answer(() => new Response("<html>", { status: 502 }));
    await expect(api("GET /api/account")).rejects.toThrow("The server answered 502. Try again in a moment.");
    answer(() => Promise.reject(new TypeError("failed to fetch")));
    await expect(api("GET /api/account")).rejects.toThrow("The server cannot be reached.");
  });

  test("no content is undefined", async () => {
    answer(() => new Response(null, { status: 204 }));
    expect(await api("DELETE /api/account/tokens/[token]", { params: { token: "1" } })).toBeUndefined();
  });

  test("ids go into the path, escaped; filters and bodies where they belong", async () => {
    const fetched = vi.fn(async () => Response.json({ items: [], nextCursor: null }));
    vi.stubGlobal("fetch", fetched);
    const params = { project: "a/b" };
    await api("GET /api/projects/[project]/runs", { params, query: { state: "failed", cursor: null } });
    await api("PUT /api/projects/[project]/owner", { params, body: { userId: "u" } });
    expect(fetched.mock.calls.map(([path, init]: unknown[]) => [path, init])).toMatchObject([
      ["/api/projects/a%2Fb/runs?state=failed", { method: "GET" }],
      ["/api/projects/a%2Fb/owner", { method: "PUT", body: '{"userId":"u"}' }],
    ]);
    expect(apiPath("/api/projects/[project]/events", params)).toBe("/api/projects/a%2Fb/events");
  });

  test("empty filters do not reach the address", () => {
    expect(withQuery("/x", compact({ state: null, text: "a b", job: "" }))).toBe("/x?text=a+b");
    expect(withQuery("/x", { cursor: null })).toBe("/x");
  });
});
