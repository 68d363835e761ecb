import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalRunner } from "@/lib/runner/host/runner";
import {
  runStep,
  stepRequest,
  type TestServer,
  testRunner,
  testServer,
} from "@/lib/runner/testing/local-runner";

let runner: LocalRunner;
let server: TestServer;

beforeAll(async () => {
  server = await testServer();
  runner = await testRunner({ egressAllow: [`127.0.0.1:${server.port}`] });
});
afterAll(async () => {
  await runner.close();
  await server.close();
});

const dryRun = (source: string, configuration: Record<string, unknown> | null = null) =>
  runStep(runner, stepRequest(source, { http: true, configuration, egress: { record: true } }));

test("requests are kept with method, path, headers and body, and nothing is sent", async () => {
  const source = `get("/patients", { query: { since: "2026-01-01" } }); post("/patients", { name: "Ann" }, { headers: { "x-source": "waybill" } })`;
  const result = await dryRun(source, { baseUrl: server.url });
  expect(result.reason).toBe("success");
  expect(result.requests).toMatchObject([
    {
      host: "127.0.0.1",
      port: server.port,
      secure: false,
      method: "GET",
      path: "/patients?since=2026-01-01",
    },
    { method: "POST", path: "/patients", headers: { "x-source": "waybill" } },
  ]);
  expect(JSON.parse(result.requests?.[1]?.body ?? "")).toEqual({ name: "Ann" });
  expect(server.hits).toEqual([]);
  expect(result.connections).toEqual([]);
});

test("https requests are kept in plain text, secrets masked", async () => {
  const configuration = { baseUrl: "https://api.example.org", username: "jane", password: "hunter2hunter2" };
  const result = await dryRun('post("/orders", { key: "hunter2hunter2" })', configuration);
  expect(result.requests).toMatchObject([
    {
      host: "api.example.org",
      port: 443,
      secure: true,
      method: "POST",
      path: "/orders",
      headers: { authorization: "Basic ***" },
    },
  ]);
  expect(JSON.stringify(result.requests)).not.toContain("hunter2");
});

test("a job that goes around the recorder reaches nothing either", async () => {
  server.hits.length = 0;
  const source = `const G = _.noConflict.call(); const send = (type, text) => { const b = Buffer.from(text); const h = Buffer.alloc(5); h.writeUInt32BE(b.length + 1); h[4] = type; G.Deno.stdout.writeSync(Buffer.concat([h, b])) };
    fn(s => { send(14, JSON.stringify({ kind: "open", id: 77, host: "127.0.0.1", port: ${server.port} })); return new Promise(r => setTimeout(() => r(s), 100)) })`;
  const result = await runStep(runner, stepRequest(source, { egress: { record: true } }));
  expect(result.connections).toMatchObject([{ address: null, refused: expect.stringContaining("dry run") }]);
  expect(server.hits).toEqual([]);
});

test("the next ordinary step sends again", async () => {
  const request = stepRequest(`get("${server.url}/json"); fn(s => ({ ok: s.data.ok }))`, { http: true });
  const result = await runStep(runner, request);
  expect(result.state).toEqual({ ok: true });
  expect(result.requests).toBeUndefined();
});
