import { expect, test, vi } from "vitest";
import { checkHealth } from "./health";

const query = vi.hoisted(() => vi.fn(async () => []));
vi.mock("@/db/client", async (original) => ({
  ...(await original<typeof import("@/db/client")>()),
  database: () => ({ query }),
}));

test("a storm of questions is one look, and what is a second old is asked again", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  await Promise.all(Array.from({ length: 200 }, checkHealth));
  const asked = query.mock.calls.length;
  expect(asked).toBeGreaterThan(0);
  await checkHealth();
  expect(query).toHaveBeenCalledTimes(asked);
  vi.advanceTimersByTime(1_000);
  await Promise.all(Array.from({ length: 200 }, checkHealth));
  expect(query).toHaveBeenCalledTimes(2 * asked);
  vi.useRealTimers();
});
