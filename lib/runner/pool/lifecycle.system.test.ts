import fs from "node:fs";
import os from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { EgressPolicy } from "@/lib/net/egress-policy";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import type { LogLine } from "@/lib/runner/contract";
import { Journal } from "@/lib/runner/journal/journal";
import { defaultStepLimits } from "@/lib/runner/limits";
import { probeIsolation } from "@/lib/runner/sandbox/isolation";
import { executeStep } from "@/lib/runner/step/step";
import { resultOf, stepRequest } from "@/lib/runner/testing/step-request";
import { type PoolOptions, WorkerPool } from "./pool";

const journal = new Journal("a-life", null);

/** An adaptor that remembers across calls, as language-mysql does with its connection. */
const adaptor: Artefact = {
  name: "@openfn/language-test",
  version: "1.0.0",
  exports: ["fn", "connect", "shared", "later", "every"],
  own: `let connection; exports.fn = (f) => (state) => f(state);
    exports.connect = () => (state) => { connection ??= state.configuration.user; return { ...state, connection } };
    // As packages do it, with the process's own timers, which nothing clears at a step's end.
    exports.later = (ms, work) => (state) => { setTimeout(work, ms); return state };
    exports.every = (ms, work) => (state) => { setInterval(work, ms); return state };
    exports.shared = () => (state) => ({ ...state, count: require("dep:count").next() });`,
  chunks: [{ key: "dep:count", code: "let n = 0; exports.next = () => ++n;" }],
  warm: [],
  hash: "test-adaptor",
};

const pools: WorkerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const isolation = probeIsolation();

async function makePool(options: Partial<PoolOptions> = {}): Promise<WorkerPool> {
  // Patient, so that on a busy machine too a step gets the worker of the one before.
  const defaults = {
    reuse: "project",
    limit: 4,
    blanks: 1,
    perProject: 4,
    heapMb: 128,
    checkPatienceMs: 10_000,
  } as const;
  const pool = new WorkerPool({ ...defaults, isolation: await isolation, ...options });
  pools.push(pool);
  return pool;
}

function run(
  pool: WorkerPool,
  source: string,
  more: Parameters<typeof stepRequest>[1] = {},
  signal = new AbortController().signal,
) {
  const host = {
    pool,
    policy: new EgressPolicy(),
    limits: defaultStepLimits,
    journal,
    artefact: async () => adaptor,
  };
  const request = stepRequest(source, more);
  return executeStep(host, request, () => undefined, signal).then((end) => ({
    ...resultOf(end),
    state: JSON.parse(resultOf(end).output ?? "null"),
  }));
}

/** The process of each lease that the pool gives, in order. */
function watchPids(pool: WorkerPool): (number | null)[] {
  const pids: (number | null)[] = [];
  const acquire = pool.acquire.bind(pool);
  pool.acquire = async (want) => {
    const lease = await acquire(want);
    pids.push(lease.worker.pid);
    return lease;
  };
  return pids;
}

const count = "shared()";
const endless = "fn(() => new Promise(() => {}))";

describe("who shares a process", () => {
  test("project: the steps of a project do, two projects never", async () => {
    const pool = await makePool();
    expect((await run(pool, count)).state.count).toBe(1);
    expect((await run(pool, count, { runId: "run-2" })).state.count).toBe(2);
    expect((await run(pool, count, { projectId: "another" })).state.count).toBe(1);
  });
  test("run: the steps of a run do, two runs never", async () => {
    const pool = await makePool({ reuse: "run" });
    expect((await run(pool, count)).state.count).toBe(1);
    expect((await run(pool, count)).state.count).toBe(2);
    expect((await run(pool, count, { runId: "run-2" })).state.count).toBe(1);
  });
  test("never: no two steps do", async () => {
    const pool = await makePool({ reuse: "never" });
    expect((await run(pool, count)).state.count).toBe(1);
    expect((await run(pool, count)).state.count).toBe(1);
  });
  const none = {};
  const a = { configuration: { user: "a" }, credentialId: "a" };
  const b = { configuration: { user: "b" }, credentialId: "b" };
  const unnamed = { configuration: { user: "a" } };
  const dry = { ...a, egress: { record: true } };
  const sequences = [
    ["none, then none", none, none, true],
    ["none, then a credential", none, a, false],
    ["a credential, then none", a, none, false],
    ["a credential, then another", a, b, false],
    ["a credential, then the same", a, a, true],
    ["a credential without a name, twice", unnamed, unnamed, false],
    ["a credential without a name, then none", unnamed, none, false],
    ["a dry run, then a run of the same credential", dry, a, false],
    ["a run, then a dry run of the same credential", a, dry, false],
    ["a dry run, twice", dry, dry, false],
  ] as const;
  for (const [what, first, second, isShared] of sequences)
    test(`credentials: ${what}: ${isShared ? "one process" : "two"}`, async () => {
      for (const reuse of ["project", "run", "never"] as const) {
        const pool = await makePool({ reuse });
        const pids = watchPids(pool);
        expect((await run(pool, count, first)).state.count).toBe(1);
        const isReused = isShared && reuse !== "never";
        expect((await run(pool, count, second)).state.count).toBe(isReused ? 2 : 1);
        expect(new Set(pids).size, reuse).toBe(isReused ? 1 : 2);
      }
    });
  test("conditions of a trigger are decided where no credential has been", async () => {
    const pool = await makePool();
    const pids = watchPids(pool);
    await run(pool, count, a);
    const want = { projectId: "project-1", runId: "conditions", credentialId: null, artefact: null };
    (await pool.acquire({ ...want, heapMb: 128 })).release(true);
    expect(new Set(pids).size).toBe(2);
  });
  test("a project that needs room ends another's idle worker, never a busy one", async () => {
    const pool = await makePool({ limit: 1, perProject: 1 });
    await run(pool, count);
    expect((await run(pool, count, { projectId: "another" })).state.count).toBe(1);
    expect((await run(pool, count)).state.count).toBe(1);
  });
});

describe("a project with many credentials", () => {
  const using = (credential: number) => ({ configuration: {}, credentialId: `credential-${credential}` });

  test("ends its own idle workers, the longest unused first, and nobody else's", async () => {
    const pool = await makePool({ limit: 4, perProject: 3 });
    await run(pool, count, { projectId: "modest" });
    for (let credential = 0; credential < 20; credential += 1) {
      expect((await run(pool, count, using(credential))).state.count).toBe(1);
      expect(pool.counts.idle + pool.counts.busy).toBeLessThanOrEqual(4);
    }
    expect((await run(pool, count, { projectId: "modest" })).state.count).toBe(2);
    for (const credential of [17, 18, 19])
      expect((await run(pool, count, using(credential))).state.count).toBe(2);
    expect((await run(pool, count, using(16))).state.count).toBe(1);
  });
  test("makes room for others before whoever has less does", async () => {
    const pool = await makePool({ limit: 4, perProject: 3 });
    await run(pool, count, { projectId: "modest" });
    for (const credential of [1, 2, 3]) await run(pool, count, using(credential));
    expect((await run(pool, count, { projectId: "newcomer" })).state.count).toBe(1);
    expect((await run(pool, count, { projectId: "modest" })).state.count).toBe(2);
    expect((await run(pool, count, using(3))).state.count).toBe(2);
  });
  test("starts one worker for each, however many steps take turns", async () => {
    const pool = await makePool();
    const pids = watchPids(pool);
    for (let turn = 0; turn < 5; turn += 1)
      for (const more of [{}, using(1), using(2)]) await run(pool, count, more);
    expect(pids.length).toBe(15);
    expect(new Set(pids).size).toBe(3);
  });
  test("a second worker for one of them is had although all others were just used", async () => {
    const pool = await makePool({ limit: 2, perProject: 2 });
    const end = new AbortController();
    const running = run(pool, endless, using(1), end.signal);
    await run(pool, count, using(2));
    expect((await run(pool, count, using(1))).state.count).toBe(1);
    end.abort();
    await running;
  });
});

describe("the adaptor's own state", () => {
  test("is new for every step: a failed step's connection does not serve the next credential", async () => {
    const pool = await makePool();
    const failed = await run(pool, "connect(); fn(() => { throw new Error('no') })", {
      configuration: { user: "first" },
      credentialId: "user",
    });
    expect(failed.reason).toBe("fail");
    const next = await run(pool, "connect()", {
      configuration: { user: "second" },
      credentialId: "user",
    });
    expect(next.state.connection).toBe("second");
    expect((await run(pool, count, { credentialId: "user" })).state.count).toBe(1);
  });
});

describe("recycling", () => {
  test("after so many steps", async () => {
    const pool = await makePool({ wear: { steps: 20 } });
    for (let step = 1; step <= 20; step += 1) expect((await run(pool, count)).state.count).toBe(step);
    expect((await run(pool, count)).state.count).toBe(1);
  });
  test("never in the middle of its life: a healthy worker serves on, past what workers once did", async () => {
    const pool = await makePool();
    for (let step = 1; step <= 300; step += 1) expect((await run(pool, count)).state.count).toBe(step);
  });
  test("before the kernel would end it in somebody's step, for the processor time that it has had", async () => {
    const burn = "fn(s => { const end = Date.now() + 500; while (Date.now() < end); return s })";
    const pool = await makePool({ wear: { cpuMs: 600 } });
    const pids = watchPids(pool);
    for (let step = 0; step < 30 && new Set(pids).size < 2; step += 1)
      expect((await run(pool, burn)).reason).toBe("success");
    expect(new Set(pids).size).toBe(2);
  }, 60_000);
  test("when it has grown", async () => {
    const pool = await makePool();
    // Memory that no heap counts and no step lets go: 220 MB of at most 320.
    const keep = "fn(s => { (fn.kept ??= []).push(Buffer.alloc(220e6, 1)); return s })";
    expect((await run(pool, keep)).reason).toBe("success");
    expect((await run(pool, count)).state.count).toBe(1);
  });
  test("when something of its steps takes the processor while it is idle; others stay", async () => {
    const pool = await makePool();
    const pids = watchPids(pool);
    await run(pool, count, { projectId: "quiet" });
    await run(pool, "every(20, () => { const end = Date.now() + 15; while (Date.now() < end); })");
    const [quiet, loud] = pids.map((pid) => pool.workers().find((worker) => worker.pid === pid));
    await expect.poll(() => loud?.isAlive, { timeout: 50_000 }).toBe(false);
    expect(quiet?.isAlive).toBe(true);
  }, 60_000);
  test("after any end but success and fail", async () => {
    const pool = await makePool();
    await run(pool, count);
    await run(pool, "fn(() => missing)");
    expect((await run(pool, count)).state.count).toBe(1);
  });
  test("when something of the last job keeps it busy", async () => {
    const pool = await makePool({ checkPatienceMs: 100 });
    await run(
      pool,
      "fn(s => { Promise.resolve().then(function again() { return Promise.resolve().then(again) }); return {} })",
      {
        limits: { timeoutMs: 1500 },
      },
    );
    expect((await run(pool, count, { limits: { timeoutMs: 20_000 } })).reason).toBe("success");
  });
});

/** What a job leaves behind, each of which would hold the next one of its process up until that one's time-out. */
const busy = "() => { for (;;); }";
const leftovers: [string, string][] = [
  ["a timer that begins at once", `later(0, ${busy})`],
  ["a timer that begins after the process has been found idle", `later(300, ${busy})`],
  ["a timer that begins while the next job runs", `later(1500, ${busy})`],
  ["an interval", `every(300, ${busy})`],
  [
    "a chain of promises behind a timer",
    "later(300, () => Promise.resolve().then(function again() { return Promise.resolve().then(again) }))",
  ],
  ["a promise that nobody awaits", `fn(s => { (async () => { for (;;) await null })(); return s })`],
];

describe("how many workers an owner has", () => {
  const cores = os.availableParallelism();
  const many = { limit: 6 * cores, perProject: 6 * cores, blanks: 0 };

  test("steps that need a core get few: another worker would only take turns", async () => {
    const pool = await makePool(many);
    const pids = watchPids(pool);
    const startedAt = performance.now();
    const burn = "fn(s => { const end = Date.now() + 40; while (Date.now() < end); return s })";
    const lane = async () => {
      for (let step = 0; step < 8; step += 1) expect((await run(pool, burn)).reason).toBe("success");
    };
    await Promise.all(Array.from({ length: 6 * cores }, lane));
    // One more a second, lest loops keep a project's other steps waiting to their end.
    expect(new Set(pids).size).toBeLessThanOrEqual(cores + (performance.now() - startedAt) / 1_000);
  }, 60_000);
  test("so do several owners together: each gets one, and no more while they keep the cores busy", async () => {
    const pool = await makePool({ ...many, limit: 100, computingPatienceMs: 60_000 });
    const pids = watchPids(pool);
    const owners = Array.from({ length: 6 }, (_, index) => `project-${index}`);
    const burn = "fn(s => { const end = Date.now() + 40; while (Date.now() < end); return s })";
    const lane = async (projectId: string) => {
      for (let step = 0; step < 4; step += 1)
        expect((await run(pool, burn, { projectId })).reason).toBe("success");
    };
    await Promise.all(owners.flatMap((owner) => Array.from({ length: 2 * cores }, () => lane(owner))));
    // Whether one computes is seen by looking at it now and then.
    expect(new Set(pids).size).toBeLessThan(2 * owners.length);
  }, 60_000);
  test("what a burst needed is ended soon after it, but for the one that a single message needs", async () => {
    const pool = await makePool(many);
    const pids = watchPids(pool);
    const pause = "fn(s => new Promise(r => setTimeout(() => r(s), 1_000)))";
    const burst = Array.from({ length: 2 * cores }, () => run(pool, pause));
    for (const { reason } of await Promise.all(burst)) expect(reason).toBe("success");
    const started = new Set(pids).size;
    expect(started).toBeGreaterThan(1);
    await expect.poll(() => pool.counts.idle, { timeout: 50_000 }).toBe(1);
    expect((await run(pool, count)).reason).toBe("success");
    expect(new Set(pids).size).toBe(started);
  }, 60_000);
  test("steps that wait get more, whatever they wait for", async () => {
    const pool = await makePool(many);
    const end = new AbortController();
    const waiting = Array.from({ length: 2 * cores }, () => run(pool, endless, {}, end.signal));
    expect((await run(pool, count)).state.count).toBe(1);
    end.abort();
    await Promise.all(waiting);
  }, 60_000);
  test("loops do not keep another step of theirs for ever", async () => {
    const pool = await makePool(many);
    const end = new AbortController();
    const loops = Array.from({ length: cores }, () => run(pool, "fn(() => { for (;;); })", {}, end.signal));
    expect((await run(pool, count)).state.count).toBe(1);
    end.abort();
    await Promise.all(loops);
  }, 60_000);
});

describe("what a job leaves running", () => {
  for (const [what, source] of leftovers)
    test(`${what}: the next jobs of its project run, in their own time`, async () => {
      const pool = await makePool({ checkPatienceMs: 100 });
      await run(pool, source, { limits: { timeoutMs: 60_000 } });
      const pause = "fn(s => new Promise(r => setTimeout(() => r(s), 250)))";
      let repeats = 0;
      for (let step = 0; step < 10; step += 1) {
        const result = await run(pool, pause, { limits: { timeoutMs: 60_000 } });
        // It was held up before it did anything: the executor does it again.
        if (result.untouched) repeats += 1;
        else expect(result.reason).toBe("success");
      }
      expect(repeats).toBeLessThanOrEqual(1);
    }, 60_000);

  test("a process that was stopped between two steps is not waited for", async () => {
    const pool = await makePool();
    const pids = watchPids(pool);
    await run(pool, count);
    const [idle] = pool.workers().filter((worker) => worker.pid === pids[0]);
    await expect.poll(() => pool.counts.idle).toBe(1);
    process.kill(idle?.leafPid() ?? 0, "SIGSTOP");
    expect((await run(pool, count, { limits: { timeoutMs: 60_000 } })).state.count).toBe(1);
  }, 60_000);

  test("a process that is stopped while its job runs ends as lost, long before its time-out", async () => {
    const pool = await makePool();
    const host = {
      pool,
      policy: new EgressPolicy(),
      limits: defaultStepLimits,
      journal,
      artefact: async () => adaptor,
    };
    const source = "fn(() => { console.log('begun'); return new Promise(() => {}) })";
    const stop = () => {
      for (const worker of pool.workers()) process.kill(worker.leafPid() ?? 0, "SIGSTOP");
    };
    const running = executeStep(host, stepRequest(source), stop, new AbortController().signal);
    expect(await running).toMatchObject({ reason: "lost", error: { type: "Lost" } });
  }, 60_000);
});

describe("a machine that starts no workers", () => {
  const broken = async (command: string[]): Promise<Partial<PoolOptions>> => {
    const { paths } = await isolation;
    return { isolation: { paths, plan: { layers: [], wrap: () => command } }, blanks: 0 };
  };
  for (const [what, command] of [
    ["the sandbox's program is missing", ["/nowhere/sandbox"]],
    ["the sandbox refuses", ["/bin/sh", "-c", "echo no >&2; exit 1"]],
    ["it cannot be spawned at all", ["/bin/sh", "-c", "x\0y"]],
  ] as const)
    test(`${what}: the step has not begun, and nothing is logged in its name`, async () => {
      const pool = await makePool(await broken([...command]));
      const lines: LogLine[] = [];
      const host = {
        pool,
        policy: new EgressPolicy(),
        limits: defaultStepLimits,
        journal,
        artefact: async () => adaptor,
      };
      const end = await executeStep(
        host,
        stepRequest(count),
        (line) => lines.push(line),
        new AbortController().signal,
      );
      expect(end).toMatchObject({ notBegun: expect.stringContaining("No job worker could be started") });
      expect(lines).toEqual([]);
      // The runner says of itself that it is not ready.
      for (let n = 0; n < 2; n++)
        await executeStep(host, stepRequest(count), () => {}, new AbortController().signal);
      await expect.poll(() => pool.problem).toBe("no worker can be started");
    });

  test("is ready again once it does", async () => {
    let isBroken = true;
    const { paths, plan } = await isolation;
    const wrap: typeof plan.wrap = (...args) => (isBroken ? ["/nowhere/sandbox"] : plan.wrap(...args));
    const pool = await makePool({ isolation: { paths, plan: { ...plan, wrap } }, blanks: 0 });
    for (let n = 0; n < 3; n++) await run(pool, count).catch(() => {});
    await expect.poll(() => pool.problem).toBe("no worker can be started");
    isBroken = false;
    expect((await run(pool, count)).reason).toBe("success");
    expect(pool.problem).toBeNull();
  });
});

describe("fairness", () => {
  test("a project with many steps does not keep another waiting for all of them", async () => {
    const pool = await makePool({ limit: 2, perProject: 2 });
    const order: string[] = [];
    const wait = "fn(s => new Promise(r => setTimeout(() => r(s), 60)))";
    const step = (projectId: string) => run(pool, wait, { projectId }).then(() => order.push(projectId));
    await Promise.all([...Array.from({ length: 12 }, () => step("greedy")), step("modest"), step("modest")]);
    expect(order.lastIndexOf("modest")).toBeLessThan(8);
  });
  test("a project cannot hold every worker", async () => {
    const pool = await makePool({ limit: 2, perProject: 1 });
    const abort = new AbortController();
    const greedy = [1, 2].map(() => run(pool, endless, { projectId: "greedy" }, abort.signal));
    expect((await run(pool, count, { projectId: "modest" })).reason).toBe("success");
    expect(pool.counts.waiting).toBe(1);
    abort.abort();
    await Promise.all(greedy);
  });
  test("loops and bombs of one project leave another's steps their speed", async () => {
    const pool = await makePool({ limit: 3, perProject: 2 });
    const step = () => run(pool, "fn(s => s)", { projectId: "modest" });
    await step();
    const startedAt = performance.now();
    for (let index = 0; index < 20; index += 1) await step();
    const quietMs = (performance.now() - startedAt) / 20;
    const attackMs = Math.max(3000, 200 * quietMs);
    const hostile = ["fn(() => { for (;;); })", "fn(() => { const a = []; for (;;) a.push({ x: 1 }) })"];
    const attacks = hostile.map((source) =>
      run(pool, source, { projectId: "hostile", limits: { timeoutMs: attackMs } }),
    );
    const attacked = Promise.all(attacks);
    let isOver = false;
    void attacked.finally(() => {
      isOver = true;
    });
    let ended = 0;
    for (; !isOver; ended += 1) await step();
    for (const result of await attacked) expect(result.reason).toBe("kill");
    // Time for 200 quiet steps. Two cores at most are taken; what is left is shared by priority, on a machine that may
    // be busy itself. Whoever waits for the attackers ends one.
    expect(ended).toBeGreaterThan(15);
  });
});

describe("cancelling", () => {
  test("a waiting step leaves the queue", async () => {
    const pool = await makePool({ limit: 1, perProject: 1 });
    const end = new AbortController();
    const running = run(pool, endless, {}, end.signal);
    const abort = new AbortController();
    const host = {
      pool,
      policy: new EgressPolicy(),
      limits: defaultStepLimits,
      journal,
      artefact: async () => adaptor,
    };
    const waiting = executeStep(host, stepRequest(count), () => undefined, abort.signal);
    await expect.poll(() => pool.counts.waiting).toBe(1);
    abort.abort();
    expect(resultOf(await waiting).reason).toBe("cancel");
    expect(pool.counts.waiting).toBe(0);
    end.abort();
    await running;
  });
});

describe("memory", () => {
  test("a step that asks for more gets a worker of that size", async () => {
    const pool = await makePool();
    const source =
      "fn(() => { const a = []; for (let i = 0; i < 2e6; i++) a.push({ x: i, y: [i] }); return { n: a.length } })";
    expect(await run(pool, source)).toMatchObject({ reason: "kill", error: { type: "OomError" } });
    const limits = { memoryMb: 512 };
    expect(await run(pool, source, { limits })).toMatchObject({ reason: "success", state: { n: 2e6 } });
  });

  test("1,600 steps in one worker: a plateau", async () => {
    const pool = await makePool({ blanks: 0 });
    const lease = await pool.acquire({
      projectId: "p",
      runId: "r",
      credentialId: null,
      artefact: adaptor,
      heapMb: 128,
    });
    const { worker } = lease;
    const listener = { log: () => undefined, network: () => undefined, outgoing: () => undefined };
    const code = "(async(o,i)=>{const {fn}=i('@openfn/language-test');\no.push(()=>fn(s=>({...s,x:1})))\n})";
    let steps = 0;
    /** The least that it held during the next 400 steps, in MB: how much garbage waits is a matter of the moment. */
    const quarter = async () => {
      let least = Number.POSITIVE_INFINITY;
      for (const end = steps + 400; steps < end; ) {
        steps += 1;
        const limits = { maxStateBytes: 1e6, maxLogLines: 10, maxLogBytes: 1000 };
        const header = { token: steps, code, configuration: null, ...limits, record: false };
        await worker.run(header, '{"data":{}}', listener);
        least = Math.min(least, worker.residentMb() ?? 0);
      }
      return least;
    };
    await quarter();
    const second = await quarter();
    const later = [await quarter()];
    const last = () => later.at(-1) ?? 0;
    // A collector that takes its time is given more of it, and may settle higher; what leaks only grows meanwhile.
    const isFlat = () => last() < second * 1.35 || last() <= (later.at(-6) ?? 0) * 1.02;
    while (steps < 1600 || (!isFlat() && steps < 12_000)) later.push(await quarter());
    lease.release(false);
    expect(last()).toBeLessThan(200);
    expect(isFlat(), [second, ...later].join(" ")).toBe(true);
  });
});

describe("leftovers", () => {
  test("a closed pool leaves no process", async () => {
    const pool = await makePool();
    await run(pool, count);
    const pids = pool.workers().flatMap((worker) => [worker.pid, worker.leafPid()]);
    await pool.close();
    await expect.poll(() => pids.filter((pid) => fs.existsSync(`/proc/${pid}`))).toEqual([]);
  });
});
