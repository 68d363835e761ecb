import { describe, expect, it } from "vitest";
import { defaultBackoffMs, durationMs, nextCron, retryAfterMs } from "./time";

const now = Date.parse("2026-11-22T10:00:00Z");

describe("durations", () => {
  it.each([
    ["500ms", 500],
    ["2s", 2000],
    ["1.5s", 1500],
    ["2h30m", 9_000_000],
    ["1w", 604_800_000],
    ["2026-11-22T10:00:05.000Z", 5000],
    ["2020-01-01T00:00:00Z", 0],
  ])("%s", (text, ms) => expect(durationMs(text, now)).toBe(ms));

  it.each(["", "soon", "5", "5 parsecs", "2026-99-99"])("refuse %j", (text) => {
    expect(() => durationMs(text, now)).toThrow();
  });
});

describe("retry-after", () => {
  it.each([
    ["30", 30_000],
    ["0", 1000],
    ["999999", 86_400_000],
    ["2026-11-22T10:00:10Z", 10_000],
    ["nonsense", 1000],
  ])("%s", (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));
});

describe("cron lines", () => {
  it("are UTC unless they name a zone", () => {
    expect(nextCron("0 12 * * *", new Date(now)).toISOString()).toBe("2026-11-22T12:00:00.000Z");
    expect(nextCron("TZ=Europe/Paris 0 12 * * *", new Date(now)).toISOString()).toBe(
      "2026-11-22T11:00:00.000Z",
    );
  });

  it("that make no sense are refused", () => expect(() => nextCron("61 * * * *")).toThrow());
});

it("retries wait longer and longer, as with the real server", () => {
  expect(defaultBackoffMs(0)).toBeGreaterThanOrEqual(15_000);
  expect(defaultBackoffMs(0)).toBeLessThan(45_000);
  expect(defaultBackoffMs(40)).toBeGreaterThanOrEqual(7_200_000);
});
