import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepRequest } from "@/lib/runner/contract";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { type Ran, runStep, stepRequest, type TestServer, testRunner, testServer } from "./local-runner";

/** Each case gets a project, hence a process, of its own. What the attacker got is what is asserted. */
const password = "hunter2hunter2";
let runner: LocalRunner;
let server: TestServer;
let strangers = 0;

beforeAll(async () => {
  server = await testServer();
  runner = await testRunner({ egressAllow: [`127.0.0.1:${server.port}`], workers: 6 });
});
afterAll(async () => {
  await runner.close();
  await server.close();
});

type More = Parameters<typeof stepRequest>[1];

function attack(source: string, more: More = {}, on: LocalRunner = runner): Promise<Ran> {
  strangers += 1;
  const limits: StepRequest["limits"] = { timeoutMs: 20_000, ...more?.limits };
  return runStep(on, stepRequest(source, { projectId: `attacker-${strangers}`, ...more, limits }));
}

/** [what, source, expected reason, expected type, more] */
type Case = [string, string, Ran["reason"], string | null, More?];

const table = (cases: Case[]): void => {
  for (const [what, source, reason, type, more] of cases) {
    test(`${what}: ${type ?? reason}`, async () => {
      const result = await attack(source, more);
      expect({ reason: result.reason, type: result.error?.type ?? null }).toEqual({ reason, type });
    });
  }
};

describe("code from text is refused", () => {
  table([
    [
      "Function through an arrow",
      'fn(s => ({ p: (() => {}).constructor.constructor("return process")() }))',
      "kill",
      "SecurityError",
    ],
    [
      "Function of a host function",
      'fn(s => ({ p: console.log.constructor("return process")().version }))',
      "kill",
      "SecurityError",
    ],
    [
      "Function of an adaptor function",
      'fn(s => ({ p: fn.constructor("return process")().version }))',
      "kill",
      "SecurityError",
    ],
    [
      "AsyncFunction",
      'fn(async s => ({ p: (async () => {}).constructor("return 1")() }))',
      "kill",
      "SecurityError",
    ],
    [
      "GeneratorFunction",
      'fn(s => ({ p: (function* () {}).constructor("return 1")() }))',
      "kill",
      "SecurityError",
    ],
    [
      "lodash's template",
      'fn(s => ({ o: _.template("<% print(process.version) %>")() }))',
      "kill",
      "SecurityError",
    ],
    ["eval", 'fn(s => { eval("1+1"); return s })', "kill", "SecurityError"],
    ["indirect eval", 'fn(s => { (0, eval)("1+1"); return s })', "kill", "SecurityError"],
    ["new Function", 'fn(s => { new Function("return 1")(); return s })', "kill", "SecurityError"],
    ["a timer with text", 'fn(s => { setTimeout("x=1", 0); return s })', "fail", "TypeError"],
    ["import.meta", "fn(s => ({ u: import.meta.url }))", "kill", "SecurityError"],
  ]);
});

describe("modules other than the step's adaptor are refused", () => {
  table([
    ["import fs", 'import fs from "fs"; fn(s => s)', "kill", "ImportError"],
    ["import node:fs", 'import fs from "node:fs"; fn(s => s)', "kill", "ImportError"],
    [
      "import() of fs",
      'fn(async s => ({ f: Object.keys(await import("fs")).length }))',
      "kill",
      "ImportError",
    ],
    ["another adaptor", 'import { get } from "@openfn/language-http"; fn(s => s)', "kill", "ImportError"],
    [
      "a data: URL",
      'fn(async s => ({ f: await import("data:text/javascript,export default 1") }))',
      "kill",
      "ImportError",
    ],
    ["require", 'fn(s => { require("fs"); return s })', "crash", "ReferenceError"],
    ["process", "fn(s => ({ e: process.env }))", "crash", "ReferenceError"],
    ["Deno", "fn(s => ({ e: Deno.env }))", "crash", "ReferenceError"],
    ["an undeclared name", "fn(s => ({ a: nope }))", "crash", "ReferenceError"],
    ["assigning to an undeclared name", "fn(s => { leak = 1; return s })", "crash", "ReferenceError"],
  ]);

  test("the global object has no process, Deno, fetch or require", async () => {
    const { state } = await attack(
      "fn(s => ({ t: ['process', 'Deno', 'fetch', 'require', 'XMLHttpRequest'].map(k => typeof globalThis[k]) }))",
    );
    expect(state).toEqual({ t: Array(5).fill("undefined") });
  });
});

describe("mistakes are told apart", () => {
  table([
    ["a throw", 'fn(s => { throw new Error("mine") })', "fail", "JobError"],
    ["a thrown text", 'fn(s => { throw "mine" })', "fail", "JobError"],
    ["endless recursion", "fn(s => { const f = () => f(); f() })", "fail", "RangeError"],
    ["a call that is no operation", '"x"; (() => 5)()', "crash", "ValidationError"],
    ["a refused connection", `get("http://127.0.0.1:1/x")`, "fail", "JobError", { http: true }],
  ]);

  test("positions are exact", async () => {
    const syntax = await attack("fn(s=>{ )");
    expect(syntax).toMatchObject({
      reason: "crash",
      error: { type: "SyntaxError", position: { line: 1, column: 9 } },
    });
    const nothing = await attack("fn(s=>s)\nfn(state => state.a.b.c)");
    expect(nothing).toMatchObject({
      reason: "fail",
      error: { type: "TypeError", position: { line: 2, column: 21 } },
    });
  });
});

describe("endless work ends at the deadline", () => {
  const limits = { timeoutMs: 500 };
  table([
    ["while (true)", "fn(s => { while (true) {} })", "kill", "TimeoutError", { limits }],
    ["an async loop", "fn(async s => { for (;;) await null })", "kill", "TimeoutError", { limits }],
    ["a promise that never settles", "fn(s => new Promise(() => {}))", "kill", "TimeoutError", { limits }],
    [
      "Atomics.wait",
      "fn(s => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return s })",
      "kill",
      "TimeoutError",
      { limits },
    ],
    [
      "a slow pattern",
      'fn(s => { /^(a+)+$/.test("a".repeat(40) + "b"); return s })',
      "kill",
      "TimeoutError",
      { limits },
    ],
    ["a loop outside operations", "for (;;) {}; fn(s => s)", "kill", "TimeoutError", { limits }],
    ["a getter in the result", "fn(s => ({ get x() { for (;;); } }))", "kill", "TimeoutError", { limits }],
    ["toJSON in the result", "fn(s => ({ toJSON() { for (;;); } }))", "kill", "TimeoutError", { limits }],
  ]);

  test("a condition that never ends is undecided, the step's result stays", async () => {
    const conditions = [{ edgeId: "e", expression: "(() => { for (;;); })()" }];
    const result = await attack("fn(s => s)", { conditions, limits: { timeoutMs: 60_000 } });
    expect(result).toMatchObject({ reason: "success", conditions: { e: { type: "EdgeConditionError" } } });
  });
});

describe("memory bombs hit the limit", () => {
  const limits = { timeoutMs: 20_000 };
  table([
    ["heap", "fn(s => { const a = []; for (;;) a.push({ x: 1, y: [1] }) })", "kill", "OomError", { limits }],
    [
      "buffers",
      "fn(s => { const a = []; for (;;) a.push(Buffer.alloc(3e7, 1)) })",
      "kill",
      "OomError",
      { limits },
    ],
    [
      "shared buffers",
      "fn(s => { const a = []; for (;;) { const b = new Uint8Array(new SharedArrayBuffer(3e7)); b.fill(1); a.push(b) } })",
      "kill",
      "OomError",
      { limits },
    ],
  ]);
  for (const [what, source] of [
    [
      "promises",
      "fn(s => { const f = () => Promise.all([0, 0, 0].map(async () => { await null; return f() })); return f() })",
    ],
    ["timers", "fn(s => { for (;;) setTimeout(() => {}, 1e9) })"],
  ] as const) {
    test(`${what}: ended, and others go on`, async () => {
      const [bomb, other] = await Promise.all([attack(source, { limits }), attack("fn(s => ({ ok: 1 }))")]);
      expect(bomb.reason).toBe("kill");
      expect(["OomError", "TimeoutError"]).toContain(bomb.error?.type);
      expect(other.state).toEqual({ ok: 1 });
    });
  }
});

describe("results are data", () => {
  test("30 MB: StateTooLargeError", async () => {
    expect(await attack('fn(s => ({ x: "y".repeat(3e7) }))')).toMatchObject({
      reason: "kill",
      error: {
        type: "StateTooLargeError",
        message: "State exceeds the limit of 24mb: what the job returned is 28.61mb",
      },
    });
  });
  test("cycles and odd values are written as JSON can", async () => {
    expect((await attack("fn(s => { const a = {}; a.a = a; return { a } })")).state).toEqual({
      a: { a: "[Circular]" },
    });
    const odd = await attack("fn(s => ({ a: 10n, f() {}, u: undefined, d: new Date(0) }))");
    expect(odd.state).toEqual({ a: "10", d: "1970-01-01T00:00:00.000Z" });
  });
  test("100,000 levels: RangeError", async () => {
    const deep = await attack("fn(s => { let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; return a })");
    expect(deep).toMatchObject({ reason: "fail", error: { type: "RangeError" } });
  });
  test("__proto__ is a key like any other and pollutes nothing here", async () => {
    const result = await attack('fn(s => JSON.parse(\'{"__proto__":{"polluted":1}}\'))');
    expect(result.output).toBe('{"__proto__":{"polluted":1}}');
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("logs are bounded and scrubbed", () => {
  test("a million lines: cut at the limit, with a notice", async () => {
    const result = await attack(
      'fn(s => { for (let i = 0; i < 1e6; i++) console.log("x".repeat(20)); return {} })',
      {
        limits: { timeoutMs: 30_000, maxLogLines: 2000 },
      },
    );
    expect(result.reason).toBe("success");
    const lines = result.logs.filter((line) => line.source === "JOB");
    expect(lines).toHaveLength(2001);
    expect(lines.at(-1)?.message).toContain("log limit reached");
  });
  test("a line of 50 MB is truncated", async () => {
    const result = await attack('fn(s => { console.log("x".repeat(5e7)); return {} })');
    expect(result.reason).toBe("success");
    expect(Math.max(...result.logs.map((line) => line.message.length))).toBeLessThan(70_000);
  });
  test("a secret is masked in lines, errors and the result", async () => {
    const source = `fn(s => { const { password } = s.configuration; console.log("pw", password, btoa2(password)); throw new Error("no " + password) });
      function btoa2(text) { return Buffer.from(text).toString("base64") }`;
    const failed = await attack(source, { configuration: { password } });
    expect(failed.logs.map((line) => line.message)).toContain("pw *** ***");
    expect(failed.error?.message).toBe("no ***");
    const copied = await attack("fn(s => ({ leak: s.configuration.password }))", {
      configuration: { password },
    });
    expect(copied.state).toEqual({ leak: password });
    expect(copied.shown).toEqual({ text: '{"leak":"***"}', hidden: [password] });
  });
  test("hostile getters and proxies in a logged value do no harm", async () => {
    const result = await attack(
      'fn(s => { console.log({ get a() { throw new Error("x") } }); console.log(new Proxy({}, { ownKeys() { throw 1 } })); return {} })',
    );
    expect(result.reason).toBe("success");
  });
  test("a looping getter in a logged value ends at the deadline", async () => {
    const result = await attack("fn(s => { console.log({ get a() { for (;;); } }); return {} })", {
      limits: { timeoutMs: 500 },
    });
    expect(result.error?.type).toBe("TimeoutError");
  });
});

describe("what a step leaves behind", () => {
  test("a polluted realm is gone in the next step of the same process", async () => {
    const own = { projectId: "polluter" };
    await attack(
      "fn(s => { Object.prototype.polluted = 1; Array.prototype.map = () => 666; return {} })",
      own,
    );
    const next = await attack("fn(s => ({ p: ({}).polluted ?? null, m: [1].map(x => x) }))", own);
    expect(next.state).toEqual({ p: null, m: [1] });
  });
  test("a patched dependency is seen by no other project", async () => {
    await attack('fn(s => { _.chunk = () => "evil"; return {} })', { projectId: "patcher" });
    const other = await attack("fn(s => ({ c: _.chunk([1, 2, 3], 2) }))", { projectId: "bystander" });
    expect(other.state).toEqual({ c: [[1, 2], [3]] });
  });
  test("a late rejection and a late throw belong to the step", async () => {
    const rejection = await attack(
      'fn(s => { Promise.reject(new Error("late")); return new Promise(r => setTimeout(() => r(s), 50)) })',
    );
    expect(rejection).toMatchObject({ reason: "crash", error: { message: "late" } });
    const thrown = await attack(
      'fn(s => { setTimeout(() => { throw new TypeError("late") }, 5); return new Promise(r => setTimeout(() => r(s), 50)) })',
    );
    expect(thrown).toMatchObject({ reason: "crash", error: { type: "TypeError", message: "late" } });
  });
  test("Error.prepareStackTrace breaks nothing", async () => {
    const result = await attack(
      'fn(s => { Error.prepareStackTrace = (e, f) => f; new Error("x").stack; throw new TypeError("mine") })',
    );
    expect(result).toMatchObject({ reason: "fail", error: { type: "TypeError" } });
  });
  test("timers of a finished step do not run in the next", async () => {
    const own = { projectId: "timers" };
    await attack("fn(s => { setTimeout(() => console.log('late'), 30); return {} })", own);
    const next = await attack("fn(s => new Promise(r => setTimeout(() => r({}), 100)))", own);
    expect(next.logs.map((line) => line.message)).not.toContain("late");
  });
});
