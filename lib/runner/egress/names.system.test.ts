import { afterAll, beforeAll, expect, test } from "vitest";
import { Names } from "@/lib/net/names";
import type { LocalRunner } from "@/lib/runner/host/runner";
import {
  runStep,
  stepRequest,
  type TestServer,
  testRunner,
  testServer,
} from "@/lib/runner/testing/local-runner";
import { type NameServer, nameServer } from "@/lib/testing/name-server";

let runner: LocalRunner;
let destination: TestServer;
let dns: NameServer;
beforeAll(async () => {
  destination = await testServer();
  dns = await nameServer();
  dns.names.set("alive.test", ["127.0.0.1"]);
  const names = new Names({ servers: [dns.address] });
  runner = await testRunner({
    egressAllow: [`alive.test:${destination.port}`],
    resolve: (host, project) => names.addresses(host, project),
    workers: 8,
  });
});
afterAll(async () => {
  await runner.close();
  await Promise.all([destination.close(), dns.close()]);
});

test("six jobs that ask for dead names let another project's job through", async () => {
  let ended = 0;
  const hosts = Array.from({ length: 6 }, (_, n) => `${n}.dead.test`);
  const stuck = hosts.map(async (host) => {
    const more = { http: true, projectId: "hostile", limits: { timeoutMs: 30_000 } };
    await runStep(runner, stepRequest(`get("http://${host}/")`, more));
    ended += 1;
  });
  await expect.poll(() => hosts.every((host) => dns.asked.includes(host)), { timeout: 20_000 }).toBe(true);
  const source = `get("http://alive.test:${destination.port}/json"); fn(s => ({ ok: s.data.ok }))`;
  const result = await runStep(runner, stepRequest(source, { http: true, projectId: "other" }));
  expect([result.state, ended]).toEqual([{ ok: true }, 0]);
  await Promise.all(stuck);
});
