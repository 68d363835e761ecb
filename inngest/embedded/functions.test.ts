import { describe, expect, it } from "vitest";
import { readFunctions } from "./functions";

const base = { id: "app-fn", name: "fn", triggers: [{ event: "a/b" }], steps: { step: {} } };

describe("functions are refused in one sentence", () => {
  it.each([
    ["throttle", { throttle: { limit: 1, period: "1s" } }],
    ["rateLimit", { rateLimit: { limit: 1, period: "1s" } }],
    ["debounce", { debounce: { period: "1s" } }],
    ["batchEvents", { batchEvents: { maxSize: 2, timeout: "1s" } }],
    ["singleton", { singleton: { mode: "skip" } }],
    ["timeouts", { timeouts: { start: "1h", finish: "2h" } }],
    ["idempotency", { idempotency: "event.data.key" }],
    ["cancel", { cancel: [{ event: "a/c" }] }],
  ])("for %s", (option, extra) => {
    expect(() => readFunctions([{ ...base, ...extra }])).toThrow(
      `Function app-fn: ${option} not supported by the embedded engine.`,
    );
  });

  it("for a cron line or an expression that does not parse", () => {
    expect(() => readFunctions([{ ...base, triggers: [{ cron: "every day" }] }])).toThrow("Function app-fn:");
    expect(() => readFunctions([{ ...base, priority: { run: "event.data." } }])).toThrow("Function app-fn:");
  });
});

it("limits belong to the function unless they name a wider scope", () => {
  const [fn] = readFunctions([
    {
      ...base,
      concurrency: [{ limit: 50 }, { limit: 5, key: "event.data.tenant", scope: "env" }],
      retries: undefined,
    },
  ]);
  expect(fn?.limits).toEqual([
    { limit: 50, key: undefined, scope: "app-fn" },
    { limit: 5, key: "event.data.tenant", scope: "env" },
  ]);
  const [plain] = readFunctions([{ ...base, concurrency: 3, steps: { step: { retries: { attempts: 0 } } } }]);
  expect(plain).toMatchObject({ limits: [{ limit: 3, scope: "app-fn" }], maxAttempts: 1 });
});
