import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { probesOf } from "./probes";
import { readiness } from "./readiness";
import { serveProbes } from "./server";

const opened: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function serve(process: Partial<Parameters<typeof probesOf>[0]> = {}) {
  const probes = probesOf({ role: "engine", problem: () => null, isStopping: () => false, ...process });
  const server = await serveProbes({ host: "127.0.0.1", port: 0 }, probes);
  opened.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    return { status: response.status, body: text && JSON.parse(text), headers: response.headers };
  };
}

describe("a probe", () => {
  it("says that the process is alive and ready, and lets nobody keep the answer", async () => {
    const ask = await serve();
    const { status, body, headers } = await ask("/livez");
    expect([status, body]).toEqual([200, { ok: true, role: "engine" }]);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(await ask("/readyz?verbose")).toMatchObject({ status: 200, body: { ok: true, role: "engine" } });
  });

  it("says why the process is not ready, which is alive all the same", async () => {
    const ask = await serve({ problem: () => "the database does not answer" });
    expect(await ask("/readyz")).toMatchObject({
      status: 503,
      body: { ok: false, role: "engine", reason: "the database does not answer" },
    });
    expect((await ask("/livez")).status).toBe(200);
  });

  it("of a process that is being stopped is alive and not ready, whatever its work says", async () => {
    let isStopping = false;
    const ask = await serve({ isStopping: () => isStopping });
    expect((await ask("/readyz")).status).toBe(200);
    isStopping = true;
    expect(await ask("/readyz")).toMatchObject({ status: 503, body: { reason: "is being stopped" } });
    expect((await ask("/livez")).status).toBe(200);
  });

  it("is asked with GET or HEAD, and nothing else is there", async () => {
    const ask = await serve();
    expect(await ask("/readyz", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    expect((await ask("/readyz", { method: "POST" })).status).toBe(405);
    for (const path of ["/", "/readyz/", "/metrics", "/__proto__", "/constructor"])
      expect((await ask(path)).status, path).toBe(404);
  });
});

describe("readiness", () => {
  it("asks once, however many want to know at once or soon after", async () => {
    const check = vi.fn(async () => null);
    const ask = readiness(check);
    await Promise.all(Array.from({ length: 1_000 }, ask));
    for (let n = 0; n < 100; n++) await ask();
    expect(check).toHaveBeenCalledTimes(1);
  });

  it("asks again when the answer has grown old", async () => {
    let problem: string | null = "away";
    const ask = readiness(() => problem, { freshMs: 0 });
    expect(await ask()).toBe("away");
    problem = null;
    expect(await ask()).toBeNull();
  });

  it("waits for no check longer than its patience, and begins no second one meanwhile", async () => {
    let end = (_: string | null) => {};
    const check = vi.fn(() => new Promise<string | null>((resolve) => (end = resolve)));
    const ask = readiness(check, { freshMs: 0, patienceMs: 20 });
    for (let n = 0; n < 5; n++) expect(await ask()).toBe("no answer within 0.02 s");
    expect(check).toHaveBeenCalledTimes(1);
    end(null);
    check.mockResolvedValue(null);
    await vi.waitFor(async () => expect(await ask()).toBeNull());
  });

  it("tells nothing of what a check throws", async () => {
    const ask = readiness(() => Promise.reject(new Error("postgres://user:secret@10.0.0.1")));
    expect(await ask()).toBe("cannot be checked");
  });
});
