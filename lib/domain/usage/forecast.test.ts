import { describe, expect, it } from "vitest";
import { forecastOf } from "./forecast";

const at = (text: string) => new Date(`${text}Z`);
const old = at("2020-01-01T00:00");

describe("the forecast of a month", () => {
  it("goes on as in the seven days before today, and today", () => {
    const now = at("2026-11-20T12:00");
    // 7.5 days with 75 runs: 10 a day, and 10.5 days are left.
    expect(forecastOf({ now, used: 190, recent: 75, since: old, limit: null })).toEqual({
      runs: 295,
      reachedOn: null,
    });
  });

  it("says the day on which the limit is reached, within the month", () => {
    const now = at("2026-11-20T12:00");
    const of = (limit: number) => forecastOf({ now, used: 190, recent: 75, since: old, limit }).reachedOn;
    expect(of(200)).toBe("2026-11-21");
    expect(of(295)).toBe("2026-11-30");
    expect(of(296)).toBeNull();
  });

  it("says no day once it is reached", () => {
    const now = at("2026-11-20T12:00");
    expect(forecastOf({ now, used: 200, recent: 75, since: old, limit: 200 }).reachedOn).toBeNull();
  });

  it("goes by a younger project's own days, and by a whole day at least", () => {
    const now = at("2026-11-20T12:00");
    const of = (since: string) =>
      forecastOf({ now, used: 20, recent: 20, since: at(since), limit: null }).runs;
    expect(of("2026-11-18T12:00")).toBe(20 + 105);
    expect(of("2026-11-20T11:00")).toBe(20 + 210);
  });

  it("stays what it is when nothing has run, and on the month's last moment", () => {
    expect(forecastOf({ now: at("2026-11-01T00:00"), used: 0, recent: 0, since: old, limit: 5 })).toEqual({
      runs: 0,
      reachedOn: null,
    });
    const last = { now: at("2026-12-31T23:59:59.999"), used: 9, recent: 80, since: old, limit: 10 };
    expect(forecastOf(last)).toEqual({ runs: 9, reachedOn: null });
  });
});
