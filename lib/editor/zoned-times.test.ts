import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wallTime } from "@/lib/workflow/time-zone";
import { expressionOf } from "./cron-plan";
import { offsetIn, timeIn, zonedTimes, zonesNamed } from "./zoned-times";

const berlin = "Europe/Berlin";
const newYork = "America/New_York";
const times = (cronExpression: string, timeZone: string | null, yours: string, after: string, count = 5) =>
  zonedTimes({ cronExpression, timeZone }, yours, new Date(after), count).map(({ inZone, inYours }) => [
    inZone,
    inYours,
  ]);

describe("when clocks are changed", () => {
  test("in spring a time that is left out fires when it would have been over", () => {
    expect(times("30 2 * * *", berlin, "UTC", "2026-03-27T12:00:00Z", 3)).toEqual([
      ["Sat 28 Mar 2026, 02:30", "Sat 28 Mar 2026, 01:30"],
      ["Sun 29 Mar 2026, 03:00", "Sun 29 Mar 2026, 01:00"],
      ["Mon 30 Mar 2026, 02:30", "Mon 30 Mar 2026, 00:30"],
    ]);
  });

  test("in autumn a time that comes twice fires once, the first time", () => {
    expect(times("30 2 * * *", berlin, "UTC", "2026-10-24T12:00:00Z", 2)).toEqual([
      ["Sun 25 Oct 2026, 02:30", "Sun 25 Oct 2026, 00:30"],
      ["Mon 26 Oct 2026, 02:30", "Mon 26 Oct 2026, 01:30"],
    ]);
  });

  test("every hour fires in the hour that comes twice, and in none that is left out", () => {
    expect(times("0 * * * *", berlin, "UTC", "2026-10-24T23:30:00Z", 4).map(([there]) => there)).toEqual([
      "Sun 25 Oct 2026, 02:00",
      "Sun 25 Oct 2026, 02:00",
      "Sun 25 Oct 2026, 03:00",
      "Sun 25 Oct 2026, 04:00",
    ]);
    expect(times("0 * * * *", berlin, "UTC", "2026-03-29T00:30:00Z", 2).map(([there]) => there)).toEqual([
      "Sun 29 Mar 2026, 03:00",
      "Sun 29 Mar 2026, 04:00",
    ]);
  });

  test("two zones that change on different days are apart as they are on each day", () => {
    const found = times("0 8 * * 1", berlin, newYork, "2026-02-28T00:00:00Z", 6);
    expect(found).toEqual([
      ["Mon 2 Mar 2026, 08:00", "Mon 2 Mar 2026, 02:00"],
      ["Mon 9 Mar 2026, 08:00", "Mon 9 Mar 2026, 03:00"],
      ["Mon 16 Mar 2026, 08:00", "Mon 16 Mar 2026, 03:00"],
      ["Mon 23 Mar 2026, 08:00", "Mon 23 Mar 2026, 03:00"],
      ["Mon 30 Mar 2026, 08:00", "Mon 30 Mar 2026, 02:00"],
      ["Mon 6 Apr 2026, 08:00", "Mon 6 Apr 2026, 02:00"],
    ]);
  });

  test("daily at any time of day: each day once, by the clock of the zone", () => {
    const zones = fc.constantFrom(berlin, newYork, "Africa/Nairobi", "Australia/Lord_Howe", "Asia/Kolkata");
    const days = fc.constantFrom(
      "2026-03-06",
      "2026-03-27",
      "2026-04-03",
      "2026-10-02",
      "2026-10-23",
      "2026-10-30",
    );
    fc.assert(
      fc.property(
        fc.record({
          zone: zones,
          day: days,
          hour: fc.integer({ min: 0, max: 23 }),
          minute: fc.integer({ min: 0, max: 59 }),
        }),
        ({ zone, day, hour, minute }) => {
          const cronExpression = expressionOf({ kind: "daily", hour, minute });
          const found = zonedTimes({ cronExpression, timeZone: zone }, "UTC", new Date(day), 5);
          const walls = found.map(({ at }) => new Date(wallTime(zone, at.getTime())));
          const dates = walls.map((wall) => wall.toISOString().slice(0, 10));
          for (const [n, date] of dates.slice(1).entries())
            expect(Date.parse(date) - Date.parse(dates[n] ?? "")).toBe(86_400_000);
          const asked = hour * 60 + minute;
          const shifts = walls.map((wall) => wall.getUTCHours() * 60 + wall.getUTCMinutes() - asked);
          // On the day of a change a time that is left out fires when it would be over: within the hour.
          expect(shifts.filter((shift) => shift !== 0).every((shift) => shift > 0 && shift <= 60)).toBe(true);
          expect(shifts.filter((shift) => shift !== 0).length).toBeLessThanOrEqual(1);
          for (const { at, inYours } of found) expect(inYours).toBe(timeIn("UTC", at));
        },
      ),
      { numRuns: 200 },
    );
  });
});

test("offsets are those of the day", () => {
  expect(offsetIn(berlin, new Date("2026-01-01"))).toBe("UTC+1");
  expect(offsetIn(berlin, new Date("2026-07-01"))).toBe("UTC+2");
  expect(offsetIn("America/St_Johns", new Date("2026-01-01"))).toBe("UTC−3:30");
  expect(offsetIn("UTC", new Date("2026-01-01"))).toBe("UTC");
});

test("zones are found by any part of their names, yours first", () => {
  const all = ["Africa/Nairobi", "America/Argentina/Buenos_Aires", "Europe/Berlin"];
  expect(zonesNamed("", all, berlin)).toEqual([
    berlin,
    "UTC",
    "Africa/Nairobi",
    "America/Argentina/Buenos_Aires",
  ]);
  expect(zonesNamed("buenos aires", all, berlin)).toEqual(["America/Argentina/Buenos_Aires"]);
  expect(zonesNamed("africa/nai", all, berlin)).toEqual(["Africa/Nairobi"]);
  expect(zonesNamed("nowhere", all, berlin)).toEqual([]);
});
