import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMinute,
  formatPrecise,
  formatRelative,
} from "./format";

const noon = new Date(2026, 10, 22, 12, 0, 0);
const ago = (ms: number) => new Date(noon.getTime() - ms);

describe("what a person reads", () => {
  test("one of a thing is one", () => {
    expect([0, 1, 2, 1234].map((n) => formatCount(n, "line"))).toEqual([
      "0 lines",
      "1 line",
      "2 lines",
      "1,234 lines",
    ]);
  });
  test("what is planned is said to the minute", () => {
    expect(formatMinute(noon)).toBe("22 Nov 2026, 12:00");
  });
  test("sizes keep at most three figures", () => {
    expect([0, 999, 1000, 12_345, 1_500_000, 999_999_999].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.0 KB",
      "12.3 KB",
      "1.5 MB",
      "1000 MB",
    ]);
  });

  test("durations are as precise as their length deserves", () => {
    expect([0.2, 12.4, 1234, 59_000, 90_000, 3_700_000].map(formatDuration)).toEqual([
      "<1 ms",
      "12 ms",
      "1.23 s",
      "59.0 s",
      "1 min 30 s",
      "1 h 1 min",
    ]);
  });

  test("times near are told by distance, far ones by date", () => {
    const told = [0, 30_000, 5 * 60_000, 3 * 3_600_000, 48 * 3_600_000].map((ms) =>
      formatRelative(ago(ms), noon.getTime()),
    );
    expect(told).toEqual(["just now", "30 s ago", "5 min ago", "09:00", "20 Nov 12:00"]);
  });

  test("a clock that runs ahead does not turn a moment into a date", () => {
    expect(formatRelative(ago(-5_000), noon.getTime())).toBe("just now");
  });

  test("a row's time names the day only when it is another day", () => {
    expect(formatPrecise(ago(0), noon.getTime())).toBe("12:00:00");
    expect(formatPrecise(ago(24 * 3_600_000), noon.getTime())).toBe("21 Nov 12:00:00");
  });
});
