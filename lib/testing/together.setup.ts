import { afterAll, vi } from "vitest";

/** What `testDatabase` sets, the same for every file. */
const ours = new Set(["DATABASE_URL", "SECRET_KEY"]);
const before = { ...process.env };

/** A file that shares its process leaves it as it was; see `lib/testing/alone.ts` for those that cannot. */
afterAll(() => {
  const names = new Set([...Object.keys(before), ...Object.keys(process.env)]);
  const changed = [...names].filter((name) => !ours.has(name) && process.env[name] !== before[name]);
  if (changed.length > 0 || vi.isFakeTimers())
    throw new Error(
      `This file changes ${changed.join(", ") || "the clock"} for the next one: lib/testing/alone.ts does not see it.`,
    );
});
