import { describe, expect, test } from "vitest";
import { defaultStepLimits } from "@/lib/runner/limits";
import { WorkerProcess } from "@/lib/runner/pool/worker-process";
import { probeIsolation } from "./isolation";
import { assertIsolation, sandboxPlans } from "./sandbox";

const silent = { log: () => undefined, network: () => undefined, outgoing: () => undefined };

const { paths, plan: chosen } = await probeIsolation();

describe("every plan that this host can carry out", () => {
  for (const plan of sandboxPlans()) {
    test(`${plan.layers.at(-1)}: boots, runs a job and ends when told`, async () => {
      const worker = new WorkerProcess({ plan, paths, heapMb: defaultStepLimits.memoryMb });
      const boots = await worker.booted.then(
        () => true,
        () => false,
      );
      if (!boots) return expect(plan).not.toBe(chosen);
      const { maxStateBytes, maxLogLines, maxLogBytes } = defaultStepLimits;
      const limits = { maxStateBytes, maxLogLines, maxLogBytes, configuration: null, record: false };
      const code = "(async (o) => {\no.push(() => (s) => ({ ...s, ok: 1 }))\n})";
      const done = await worker.run({ token: 1, code, ...limits }, "{}", silent);
      expect(JSON.parse(done.text)).toMatchObject({ ok: 1 });
      expect(await worker.rested(5000)).toBe(true);
      worker.kill({ type: "Lost", message: "The test is over" });
      expect((await worker.ended).kind).toBe("killed");
    });
  }
});

test("without a user id or namespaces the runner refuses, unless told that authors are trusted", () => {
  expect(() => assertIsolation(["deno-permissions", "rlimits", "no-new-privs"], false)).toThrow(
    /ALLOW_WEAK_SANDBOX/,
  );
  expect(() => assertIsolation(["deno-permissions"], true)).not.toThrow();
  for (const layer of ["uid", "namespaces"] as const)
    expect(() => assertIsolation(["deno-permissions", layer], false)).not.toThrow();
});
