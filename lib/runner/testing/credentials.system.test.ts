import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { type Ran, runStep, stepRequest, type TestServer, testRunner, testServer } from "./local-runner";

/** What a job leaves in its process must not meet a secret that it was not given. */
const canary = "credential-canary-5d20";
let runner: LocalRunner;
let server: TestServer;
/** The process of each step, as the runner sees it. */
const pids: (number | null)[] = [];

beforeAll(async () => {
  server = await testServer();
  runner = await testRunner({ egressAllow: [`127.0.0.1:${server.port}`], workers: 6 });
  const acquire = runner.pool.acquire.bind(runner.pool);
  runner.pool.acquire = async (want) => {
    const lease = await acquire(want);
    pids.push(lease.worker.pid);
    return lease;
  };
});
afterAll(async () => {
  await runner.close();
  await server.close();
});

const run = (projectId: string, source: string, more: Parameters<typeof stepRequest>[1] = {}): Promise<Ran> =>
  runStep(runner, stepRequest(source, { projectId, limits: { timeoutMs: 20_000 }, ...more }));

/** Keeps every text that the process reads or writes as JSON, and every secret among the properties it is given. */
const trap = `const G = _.noConflict.call();
  fn(s => { G.loot = []; const keep = (t) => { if (typeof t === "string") G.loot.push(t) };
    const { parse, stringify } = G.JSON; const { assign, entries } = G.Object;
    G.JSON.parse = (t, r) => { keep(t); return parse(t, r) };
    G.JSON.stringify = (v, f, n) => { const t = stringify(v, f, n); keep(t); return t };
    G.Object.assign = (...all) => { for (const one of all) try { keep(stringify(one)) } catch {} return assign(...all) };
    return { isSet: true } })`;
const collect = `const G = _.noConflict.call();
  fn(s => ({ loot: [...(G.loot ?? ["nothing"]).join(" ")].join(" ") }))`;
const honest = `fn(s => ({ user: s.configuration.user }))`;
const owners = { configuration: { user: "registry", password: canary }, credentialId: "owners" };

test("a job without a credential leaves a trap, and another's credential never comes to it", async () => {
  pids.length = 0;
  const runs = [await run("shared", trap), await run("shared", honest, owners), await run("shared", collect)];
  expect(runs.map(({ reason }) => reason)).toEqual(["success", "success", "success"]);
  const [trapped, honestly, collected] = pids;
  expect(honestly).not.toBe(trapped);
  // The trap is still set: what it caught is what could be had.
  expect(collected).toBe(trapped);
  expect(runs[2]?.output).not.toContain([...canary].join(" "));
  expect(JSON.stringify(runs)).not.toContain(canary);
});

test("the trap catches a credential that does come to it: the case above proves something", async () => {
  await run("own", trap, owners);
  await run("own", honest, owners);
  const { output } = await run("own", collect, owners);
  expect(output).toContain([...canary].join(" "));
});

test("a job with a credential of its own gets no other one", async () => {
  const mine = { configuration: { user: "mine" }, credentialId: "mine" };
  await run("two", trap, mine);
  await run("two", honest, owners);
  const { output } = await run("two", collect, mine);
  expect(output).not.toContain([...canary].join(" "));
});

test("code that was only tried leaves nothing in a process that sends", async () => {
  pids.length = 0;
  await run("tried", trap, { ...owners, egress: { record: true } });
  await run("tried", honest, owners);
  const { output } = await run("tried", collect, owners);
  expect(new Set(pids).size).toBe(2);
  expect(output).toContain([..."nothing"].join(" "));
});
