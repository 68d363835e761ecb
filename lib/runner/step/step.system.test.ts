import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "@/lib/limits";
import { largeJob } from "@/lib/runner/compiler/generate-for-tests";
import type { StepResult } from "@/lib/runner/contract";
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

/** Runs a job in a runner of its own and ends its process from outside when it is so far. */
async function killedAfter(operations: string): Promise<StepResult> {
  const own = await testRunner({ egressAllow: [`127.0.0.1:${server.port}`], blanks: 0 });
  const source = `${operations} fn(() => { console.log("so far"); return new Promise(() => {}) })`;
  const result = await new Promise<StepResult>((resolve) => {
    own.steps.start(stepRequest(source, { http: true }), {
      event(event) {
        if (event.type === "result") resolve(event.result);
        else if (event.type === "log" && event.line.message === "so far")
          for (const worker of own.pool.workers()) process.kill(worker.leafPid() ?? 0, "SIGKILL");
      },
    });
  });
  await own.close();
  return result;
}

test("a process that ends from outside before it has sent anything did surely nothing, and after that perhaps", async () => {
  expect(await killedAfter("")).toMatchObject({ reason: "lost", untouched: true, connections: [] });
  const later = await killedAfter(`get("${server.url}/json");`);
  expect(later).toMatchObject({ reason: "lost", connections: [{ host: "127.0.0.1", port: server.port }] });
  expect(later.untouched).toBeUndefined();
  expect(later.connections[0]?.bytesSent).toBeGreaterThan(0);
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

test("console.log shows every kind of value", async () => {
  const source = `fn(s => {
    console.log(new Map([["k", { v: 1 }]]), new Set([1]), /x/g, new Date(0), 10n, undefined, Symbol("s"), () => 1);
    console.log(new Error("boom", { cause: new Error("why") }));
    console.log({ a: 1, m: new Map([["k", 1]]), f() {} }, Buffer.from("a"), new Uint8Array([7]));
    return s; })`;
  const { logs } = await runStep(runner, stepRequest(source));
  expect(logs.map((line) => line.message)).toEqual([
    'Map(1) {\n  "k" => {\n    "v": 1\n  }\n} Set(1) {\n  1\n} /x/g 1970-01-01T00:00:00.000Z 10n undefined Symbol(s) [Function (anonymous)]',
    "Error: boom\n  caused by Error: why",
    '{\n  "a": 1,\n  "m": Map(1) {\n    "k" => 1\n  },\n  "f": [Function: f]\n} <Buffer 61> Uint8Array(1) [7]',
  ]);
});

test("what stands at the top level and is no operation is named, with its line", async () => {
  const result = await runStep(runner, stepRequest("fn(s => s);\n  console.log('hello');"));
  expect(result).toMatchObject({
    reason: "crash",
    error: {
      type: "ValidationError",
      message: "Invalid operation at statement 1: console.log(…) on line 2 is none",
      position: { line: 2, column: 3, source: "  console.log('hello');" },
      hint: expect.stringContaining("fn(state => { console.log(…); return state; })"),
    },
  });
  expect(result.logs.at(-1)?.message).toMatch(/is none \(2:3\)$/);
});

test("a syntax error says where it is once, counted from 1", async () => {
  const { error, logs } = await runStep(runner, stepRequest("fn(s => s s)"));
  expect(error).toMatchObject({ message: "Unexpected token", position: { line: 1, column: 11 } });
  expect(logs.map((line) => line.message)).toEqual(["a aborted: SyntaxError: Unexpected token (1:11)"]);
});
