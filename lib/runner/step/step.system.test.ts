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

test("a trivial step hands on its state", async () => {
  const result = await runStep(runner, stepRequest("fn(state => ({ ...state, x: 1 }))"));
  expect(result).toMatchObject({ reason: "success", error: null, state: { data: {}, x: 1 } });
});

test("a request of the http adaptor goes through the broker and is in the connection log", async () => {
  const request = stepRequest("get('/json', { query: { a: 1 } }); fn(s => ({ url: s.data.url }))", {
    http: true,
    configuration: { baseUrl: server.url },
  });
  const result = await runStep(runner, request);
  expect(result).toMatchObject({ reason: "success", state: { url: "/json?a=1" } });
  expect(result.connections).toMatchObject([{ host: "127.0.0.1", port: server.port, address: "127.0.0.1" }]);
  expect(result.connections[0]?.bytesReceived).toBeGreaterThan(50);
});
