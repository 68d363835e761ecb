import { afterEach, describe, expect, test, vi } from "vitest";
import { ExactNumber } from "@/lib/exact-json";
import { ApiError, api, apiPath, withQuery } from "./api";
import { connection } from "./connection/connection";
import { compact } from "./query";

afterEach(async () => {
  vi.unstubAllGlobals();
  connection.heard();
});
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

  test("a change whose answer was lost may have happened, and says where to see it; it is sent once", async () => {
    const params = { project: "p", id: "m" };
    const rerun = () => api("POST /api/projects/[project]/messages/[id]/rerun", { params, body: {} });
    const lost = /may have been done or not\. Look under “What was done with it” before you do it again\./;
    for (const status of [502, 503, 504]) {
      answer(() => new Response("<html>", { status }));
      await expect(rerun()).rejects.toThrow(lost);
      expect(fetch).toHaveBeenCalledTimes(1);
    }
    answer(() => Promise.reject(new TypeError("failed to fetch")));
    await expect(rerun()).rejects.toThrow(lost);
  });

  test("a change that is made offline is not sent, then or later", async () => {
    answer(() => new Response(null, { status: 204 }));
    vi.stubGlobal("navigator", { onLine: false });
    const call = () => api("DELETE /api/account/tokens/[token]", { params: { token: "1" } });
    await expect(call()).rejects.toThrow("You are offline: nothing was sent.");
    vi.stubGlobal("navigator", { onLine: true });
    await connection.suspect();
    expect(vi.mocked(fetch).mock.calls.map(([path]) => path)).toEqual(["/icon.svg"]);
    await call();
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("no content is undefined", async () => {
    answer(() => new Response(null, { status: 204 }));
    expect(await api("DELETE /api/account/tokens/[token]", { params: { token: "1" } })).toBeUndefined();
  });

  test("a body's numbers are sent as they were written, whatever JavaScript makes of them", async () => {
    const fetched = vi.fn(async (_path: string, _init: RequestInit) => Response.json({}));
    vi.stubGlobal("fetch", fetched);
    await api("POST /api/projects/[project]/dataclips", {
      params: { project: "p" },
      body: { name: "Mine", json: { id: new ExactNumber("9007199254740993"), text: "é" } },
    });
    expect(fetched.mock.calls[0]?.[1].body).toBe('{"name":"Mine","json":{"id":9007199254740993,"text":"é"}}');
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
