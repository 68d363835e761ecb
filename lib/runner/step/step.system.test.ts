import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "@/lib/limits";
import { largeJob } from "@/lib/runner/compiler/generate-for-tests";
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

test.each([
  ["a megabyte", 1_070_000],
  ["the most there may be", limits.jobCode],
])("a job of %s runs, and its errors keep their places", async (_, bytes) => {
  const source = largeJob(bytes);
  expect(Buffer.byteLength(source)).toBe(bytes);
  const result = await runStep(runner, stepRequest(source, { state: { data: { id: "FAC-7" } } }));
  expect(result).toMatchObject({
    reason: "success",
    state: { data: { name: "Clinique de Région 7", uid: "Xy7Zq", open: true, beds: 7 } },
  });
  const broken = source.replace("state.data.rows?.find", "state.data.rows.find");
  const failed = await runStep(runner, stepRequest(broken));
  const line = broken.slice(0, broken.indexOf("state.data.rows.find")).split("\n").length;
  expect(failed.error).toMatchObject({ type: "TypeError", position: { line } });
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

test("values of a credential are hidden in what is shown, never in what is handed on", async () => {
  const configuration = { password: "district", pin: 1234, token: '","x":"y' };
  const source = `fn(({ configuration }) => ({ data: { district: "Bo", of: "a district", 1234: 12345, pin: 1234 }, echo: configuration }));
    fn(state => { throw Object.assign(new Error("no " + state.echo.password), { said: state.echo.password, n: state.echo.pin }) })`;
  const failed = await runStep(runner, stepRequest(source, { configuration }));
  const errors = { a: expect.objectContaining({ message: "no district" }) };
  const data = { district: "Bo", of: "a district", "1234": 12345, pin: 1234 };
  expect(failed.state).toMatchObject({ data: {}, errors });
  expect(failed.error).toMatchObject({ message: "no ***", details: { said: "***", n: "***" } });

  const [operations = ""] = source.split("\n");
  const first = await runStep(runner, stepRequest(operations, { configuration }));
  expect(first.state).toEqual({ data, echo: configuration });
  expect(JSON.parse(first.shown?.text ?? "")).toEqual({
    data: { ...data, of: "a ***", pin: "***" },
    echo: { password: "***", pin: "***", token: "***" },
  });

  const next = stepRequest("fn(state => { console.log(state.echo.password); return state })", {
    input: first.output ?? "",
    hidden: first.shown?.hidden ?? [],
  });
  const second = await runStep(runner, next);
  expect(second.output).toBe(first.output);
  expect(second.shown).toEqual(first.shown);
  expect(second.logs.filter((line) => line.source === "JOB").map((line) => line.message)).toEqual(["***"]);
});
