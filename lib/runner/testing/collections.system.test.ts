import { randomUUID } from "node:crypto";
import type http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectRunner } from "@/lib/runner/client";
import { collectionsEndpoint } from "@/lib/runner/collections";
import type { LogLine, Runner, StepRequest } from "@/lib/runner/contract";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { serveRunner } from "@/lib/runner/host/server";
import { shippedAdaptors } from "@/lib/shipped";
import { stepRequest, testRunner } from "./local-runner";

const token = `wbrun_${"t".repeat(60)}`;

/** What whoever follows the steps was asked. */
let asked: { method: string; path: string; authorization: string | null; body: string }[] = [];
let items: Map<string, string>;
/** Instead of the usual answers. */
let answerer: ((request: Request) => Promise<Response>) | null = null;

async function usual(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const body = await request.text();
  const authorization = request.headers.get("authorization");
  asked.push({ method: request.method, path: pathname + new URL(request.url).search, authorization, body });
  const [, , , key] = pathname.split("/");
  if (request.method === "POST") {
    const given = JSON.parse(body).items as { key: string; value: string }[];
    for (const one of given) items.set(one.key, one.value);
    return Response.json({ upserted: given.length, error: null });
  }
  if (request.method === "DELETE")
    return Response.json({ key, deleted: Number(items.delete(key ?? "")), error: null });
  if (key !== undefined)
    return items.has(key)
      ? Response.json({ key, value: items.get(key), created: "", updated: "" })
      : new Response(null, { status: 204 });
  const begin = (searchParams.get("key") ?? "*").replace(/\*$/, "");
  const found = [...items]
    .filter(([name]) => name.startsWith(begin))
    .map(([name, value]) => ({ key: name, value }));
  return Response.json({ items: found, cursor: null });
}

let local: LocalRunner;
let server: http.Server;
let runner: Runner;

beforeAll(async () => {
  local = await testRunner({ egressAllow: ["127.0.0.1"] });
  server = await serveRunner(local, { address: { host: "127.0.0.1", port: 0 }, token: "runner-token" });
  const { port } = server.address() as AddressInfo;
  runner = connectRunner({
    url: `http://127.0.0.1:${port}`,
    token: "runner-token",
    answerer: (request) => (answerer ?? usual)(request),
  });
}, 120_000);
afterAll(async () => {
  await local?.close();
  server?.close();
  server?.closeAllConnections();
});
beforeEach(() => {
  asked = [];
  items = new Map();
  answerer = null;
});

const allowed = { collections: { token } };

async function run(source: string, more: Partial<StepRequest> & { http?: boolean } = allowed) {
  const logs: LogLine[] = [];
  const request = { ...stepRequest(source, more), stepId: randomUUID() };
  const result = await runner.runStep(request, (lines) => logs.push(...lines));
  const state = result.output === null ? null : JSON.parse(result.output);
  return { ...result, state, log: logs.map(({ message }) => message).join("\n") };
}

describe("a job", { timeout: 60_000 }, () => {
  test("reads and writes collections besides what its own adaptor does", async () => {
    const { reason, state, connections, log } = await run(`
      fn(state => ({ ...state, data: [{ id: 1 }, { id: 2 }] }));
      collections.set("visits", value => "visit:" + value.id, $.data);
      collections.get("visits", "visit:2");
      fn(state => ({ ...state, one: state.data }));
      collections.get("visits", "nothing");
      collections.each("visits", { key: "visit:*" }, (state, value, key) => { console.log(key, value.id) });
      collections.remove("visits", "visit:1");
      fn(({ one }) => ({ one }));
    `);
    expect([reason, state]).toEqual(["success", { one: { id: 2 } }]);
    expect(log).toContain("visit:2 2");
    expect([...items.keys()]).toEqual(["visit:2"]);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]));
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /collections/visits",
      "GET /collections/visits/visit:2",
      "GET /collections/visits/nothing",
      "GET /collections/visits?key=visit%3A*&limit=1000",
      "DELETE /collections/visits/visit:1",
    ]);
    // It is on record like any other host, so that a step that is lost is not done again as if it had done nothing.
    expect(connections).toMatchObject([{ host: "collections.waybill.internal", port: 80 }]);
  });

  test("has them with a credential, with an adaptor of its own, by an import, and in a library of hosts", async () => {
    const source = `collections.set("c", "k", { a: 1 });`;
    const { reason, state } = await run(source, {
      ...allowed,
      http: true,
      configuration: { baseUrl: "https://example.org", password: "secret-of-mine" },
      credentialId: "one",
      egress: { onlyHosts: ["example.org"], credentialHosts: ["example.org"] },
    });
    expect([reason, state.configuration]).toEqual(["success", undefined]);
    const own = shippedAdaptors.collections;
    const job = { ...stepRequest(source).job, adaptor: own };
    expect((await run("", { ...allowed, job })).reason).toBe("success");
    const imported = `import { collections as c } from "@openfn/language-collections"; c.get("c", "k");`;
    expect((await run(imported)).state.data).toEqual({ a: 1 });
    const aside = `const collections = { get: () => s => ({ mine: true }) }; collections.get();`;
    expect((await run(aside)).state).toEqual({ mine: true });
  });

  test("keeps its token to itself: not in its output, its log or its errors", async () => {
    const { log, shown } = await run(`
      collections.get("c", "k");
      fn(state => { console.log(state.configuration.collections_token); return state; });
      fn(state => ({ kept: state.configuration.collections_token, url: state.configuration.collections_endpoint }));
    `);
    expect(log).not.toContain(token);
    expect(shown?.text).toContain('"kept":"***"');
    expect(shown?.text).toContain(collectionsEndpoint);
    expect(shown?.text).not.toContain(token);
    const failed = await run(`
      collections.get("c", "k");
      fn(state => { throw new Error("with " + state.configuration.collections_token) });
    `);
    expect(failed.error?.message).toBe("with ***");
    expect(failed.shown?.text ?? failed.output).not.toContain(token);
    const plain = await run(`collections.get("c", "k")`);
    expect(plain.output).not.toContain(token);
  });

  test("that does not mention collections is given nothing of them", async () => {
    const { state } = await run("fn(state => ({ keys: Object.keys(state.configuration) }))", {});
    expect(state.keys).toEqual([]);
    const { error } = await run(`fn(state => ({ a: typeof collections }))`, {});
    expect(error).toBeNull();
    expect((await run(`collections.get("c", "k")`, {})).error?.message).toContain(
      "collections_endpoint not set",
    );
  });

  test("with collections of another installation in its credential asks those", async () => {
    const configuration = {
      collections_endpoint: "http://127.0.0.1:1/collections",
      collections_token: "theirs",
    };
    const { error } = await run(`collections.get("c", "k")`, {
      ...allowed,
      configuration,
      credentialId: "one",
    });
    expect(error?.message).toContain("ECONNREFUSED");
    expect(asked).toEqual([]);
  });

  test("is told what is wrong in its server's words", async () => {
    answerer = async () => Response.json({ error: "Not Found" }, { status: 404 });
    expect((await run(`collections.get("c", "k")`)).error?.message).toContain("COLLECTION_NOT_FOUND");
    answerer = async () => Response.json({ upserted: 0, error: "too much" }, { status: 422 });
    expect((await run(`collections.set("c", "k", 1)`)).error?.message).toContain("too much");
    answerer = () => Promise.reject(new Error("away"));
    expect((await run(`collections.get("c", "k")`)).error?.message).toContain("cannot be reached");
  });

  test("that fails afterwards, or another step in the same process, does not have the door", async () => {
    await run(
      `fn(state => { globalThis.left = state.configuration; return state; }); collections.get("c", "k");`,
    );
    const source = `collections.get("c", "k")`;
    const other = `wbrun_${"u".repeat(60)}`;
    await run(source, { collections: { token: other } });
    expect(asked.at(-1)?.authorization).toBe(`Bearer ${other}`);
  });

  test("in a dry run sends nothing, and finds its collections empty", async () => {
    const { state, requests } = await run(
      `collections.set("c", "k", { a: 1 }); collections.get("c", "k"); collections.get("c", "*"); collections.remove("c", "k");`,
      { ...allowed, egress: { record: true } },
    );
    expect(asked).toEqual([]);
    expect(requests?.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /collections/c",
      "GET /collections/c/k",
      "GET /collections/c?key=*&limit=1000",
      "DELETE /collections/c/k",
    ]);
    expect(JSON.stringify(requests)).not.toContain(token);
    expect(state.data).toEqual([]);
  });

  test("takes a long list at its own pace, however large it is, and its server waits meanwhile", async () => {
    let made = 0;
    let isGone = false;
    const value = JSON.stringify("x".repeat(100_000));
    answerer = async () =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              made += 1;
              const head = made === 1 ? '{"items":[' : ",";
              controller.enqueue(Buffer.from(`${head}${JSON.stringify({ key: `k${made}`, value })}`));
              if (made === 100) {
                controller.enqueue(Buffer.from('],"cursor":null}'));
                controller.close();
              }
            },
            cancel() {
              isGone = true;
            },
          },
          { highWaterMark: 0 },
        ),
        { headers: { "content-type": "application/json" } },
      );
    const all = await run(
      `collections.each("c", "*", (state, value) => { state.n = (state.n ?? 0) + value.length })`,
    );
    expect([all.reason, all.state.n]).toEqual(["success", 100 * 100_000]);
    made = 0;
    const some = await run(`collections.each("c", "*", () => { throw new Error("enough") })`);
    expect(some.error?.message).toContain("enough");
    await expect.poll(() => isGone, { timeout: 20_000 }).toBe(true);
    expect(made).toBeLessThan(100);
  });

  test("is answered by whoever follows its step when the one before has gone, and once", async () => {
    let isAsked = () => {};
    const first = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const never = connectRunner({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: "runner-token",
      answerer: () => {
        isAsked();
        return new Promise(() => {});
      },
    });
    items.set("k", '{"a":1}');
    const request = { ...stepRequest(`collections.get("c", "k")`, allowed), stepId: randomUUID(), epoch: 1 };
    const left = never.runStep(request, () => {});
    left.catch(() => undefined);
    await first;
    const { stepId } = request;
    const fate = await runner.followStep({ stepId, epoch: 2, attempt: 0 }, () => {});
    expect(fate.kind === "result" && JSON.parse(fate.result.output ?? "").data).toEqual({ a: 1 });
    await expect(left).rejects.toThrow("Another executor");
    expect(asked).toHaveLength(1);
  });
});

describe("the door", { timeout: 60_000 }, () => {
  const { origin } = new URL(collectionsEndpoint);
  /** A job that asks whatever it likes, by OpenFn's HTTP adaptor. */
  const ask = (method: string, url: string, headers: object = {}, more: Partial<StepRequest> = {}) =>
    run(
      `request(${JSON.stringify(method)}, ${JSON.stringify(url)}, { headers: ${JSON.stringify(headers)}, errors: false, parseAs: "text" });
       fn(({ response }) => ({ status: response.statusCode }));
       // collections`,
      { ...allowed, http: true, ...more },
    );
  const bearer = { authorization: `Bearer ${token}` };

  test("opens for the step's own token and that one path", async () => {
    expect((await ask("GET", `${origin}/collections/c`, bearer)).state).toEqual({ status: 200 });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["without a token", "GET", "/collections/c", {}, 401],
    [
      "with another run's",
      "GET",
      "/collections/c",
      { authorization: `Bearer ${token.replace("t", "u")}` },
      401,
    ],
    ["with the runner's own", "GET", "/collections/c", { authorization: "Bearer runner-token" }, 401],
    ["for our API", "GET", "/api/projects", bearer, 404],
    ["for our API, by a way around", "GET", "/collections/../api/projects", bearer, 404],
    ["for our API, by an encoded way around", "GET", "/collections/%2e%2e/api/projects", bearer, 404],
    ["for the list of collections", "GET", "/collections", bearer, 404],
    ["for the runner's health", "GET", "/health", bearer, 404],
    ["for the runner's steps", "POST", "/steps", bearer, 404],
    ["for pages", "GET", "/", bearer, 404],
    ["with another method", "PATCH", "/collections/c", bearer, 405],
  ])("stays closed %s", async (_, method, path, headers, status) => {
    const { state, error } = await ask(method, `${origin}${path}`, headers);
    expect([error, state]).toEqual([null, { status }]);
    expect(asked).toEqual([]);
  });

  test.each([
    ["at another port", "http://collections.waybill.internal:3000/collections/c"],
    ["over TLS", "https://collections.waybill.internal/collections/c"],
    ["at a name below it", "http://x.collections.waybill.internal/collections/c"],
  ])("is not %s", async (_, url) => {
    const { error } = await ask("GET", url, bearer);
    expect(error).not.toBeNull();
    expect(asked).toEqual([]);
  });

  test("is not there for a step that was given no token", async () => {
    const { error } = await ask("GET", `${origin}/collections/c`, bearer, {
      collections: undefined,
    } as never);
    expect(error?.message).toMatch(/ENOTFOUND|EAI_AGAIN|EACCES/);
    expect(asked).toEqual([]);
  });

  test("passes on no header but those that are needed", async () => {
    let heard: string[] = [];
    answerer = async (request) => {
      heard = [...request.headers.keys()];
      return Response.json(
        { items: [], cursor: null },
        { headers: { "set-cookie": "a=b", "x-secret": "1" } },
      );
    };
    const { state } = await run(
      `get("${origin}/collections/c", { headers: { authorization: "Bearer ${token}", cookie: "session=1", "x-forwarded-for": "1.2.3.4", "x-api-version": "1" } });
       fn(({ response }) => ({ headers: Object.keys(response.headers) })); // collections`,
      { ...allowed, http: true },
    );
    expect(heard.filter((name) => name !== "content-type").sort()).toEqual([
      "authorization",
      "x-api-version",
    ]);
    expect(state.headers).not.toContain("set-cookie");
    expect(state.headers).not.toContain("x-secret");
  });
});
