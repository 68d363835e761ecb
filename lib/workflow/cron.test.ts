import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronProblem, nextFire, nextFires } from "./cron";
import { timeZoneProblem, wallTime } from "./time-zone";

const fires = (cronExpression: string, timeZone: string | null, from: string, count: number) =>
  nextFires({ cronExpression, timeZone }, new Date(from), count).map((at) => at.toISOString().slice(5, 16));

describe("a schedule in a time zone", () => {
  it("is in UTC when it names none", () => {
    expect(fires("0 7 * * 1-5", null, "2026-11-25T12:00:00Z", 3)).toEqual([
      "11-26T07:00",
      "11-27T07:00",
      "11-30T07:00",
    ]);
  });

  it("follows its clock over both changes of the year", () => {
    expect(fires("0 7 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3)).toEqual([
      "03-28T06:00",
      "03-29T05:00",
      "03-30T05:00",
    ]);
    expect(fires("0 7 * * *", "Europe/Berlin", "2026-10-23T12:00:00Z", 3)).toEqual([
      "10-24T05:00",
      "10-25T06:00",
      "10-26T06:00",
    ]);
    expect(fires("0 7 * * *", "America/New_York", "2026-10-31T00:00:00Z", 2)).toEqual([
      "10-31T11:00",
      "11-01T12:00",
    ]);
  });

  it("fires once, when the hour that is left out would be over, for all its times in it", () => {
    const march = "2026-03-28T12:00:00Z";
    expect(fires("30 2 * * *", "Europe/Berlin", march, 2)).toEqual(["03-29T01:00", "03-30T00:30"]);
    expect(fires("15,45 2 * * *", "Europe/Berlin", march, 3)).toEqual([
      "03-29T01:00",
      "03-30T00:15",
      "03-30T00:45",
    ]);
    expect(fires("0 2,3 * * *", "Europe/Berlin", march, 2)).toEqual(["03-29T01:00", "03-30T00:00"]);
    expect(fires("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2)).toEqual([
      "10-03T15:30",
      "10-04T15:15",
    ]);
  });

  it("fires the first time only in the hour that comes twice", () => {
    const october = "2026-10-24T12:00:00Z";
    expect(fires("15,45 2 * * *", "Europe/Berlin", october, 3)).toEqual([
      "10-25T00:15",
      "10-25T00:45",
      "10-26T01:15",
    ]);
    // Between the two 02:50s, and within the second hour.
    expect(fires("30 2 * * *", "Europe/Berlin", "2026-10-25T00:50:00Z", 1)).toEqual(["10-26T01:30"]);
    expect(fires("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1)).toEqual(["10-26T01:30"]);
  });

  it("goes by the time that passes when it fires in every hour", () => {
    expect(fires("30 * * * *", "Europe/Berlin", "2026-10-24T23:00:00Z", 4)).toEqual([
      "10-24T23:30",
      "10-25T00:30",
      "10-25T01:30",
      "10-25T02:30",
    ]);
    expect(fires("15 0-23 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3)).toEqual([
      "03-29T00:15",
      "03-29T01:15",
      "03-29T02:15",
    ]);
    expect(fires("45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 3)).toEqual([
      "04-04T14:45",
      "04-04T15:15",
      "04-04T16:15",
    ]);
  });

  const zones = ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"];
  const expressions = ["*/20 * * * *", "7 */2 * * *", "15,45 2 * * *", "0 0 * * *", "* 1-2 * * 0,5"];

  it.each(zones.flatMap((zone) => expressions.map((expression) => [zone, expression] as const)))(
    "fires in %s at %s as a clock on the wall says, minute by minute",
    (zone, expression) => {
      const isHourly = expression.split(" ")[1] === "*";
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 364 }), fc.integer({ min: 0, max: 1_439 }), (day, minute) => {
          const from = Date.UTC(2026, 0, 1 + day, 0, minute);
          const until = from + 8 * 3_600_000;
          const expected = watched(zone, expression, isHourly, from, until);
          const found: number[] = [];
          for (
            let at = nextFire({ cronExpression: expression, timeZone: zone }, new Date(from));
            at && at.getTime() <= until;
            at = nextFire({ cronExpression: expression, timeZone: zone }, at)
          )
            found.push(at.getTime());
          expect(found).toEqual(expected);
        }),
        {
          numRuns: 7,
          // Three hours before each change of 2026 in one of the zones.
          examples: [
            [86, 1_320],
            [296, 1_320],
            [93, 720],
            [275, 750],
            [112, 1_140],
            [301, 1_080],
          ],
        },
      );
    },
  );
});

/** What somebody would note who looks at the clock each minute. */
function watched(zone: string, expression: string, isHourly: boolean, from: number, until: number): number[] {
  const matches = (wall: number) =>
    nextFire({ cronExpression: expression, timeZone: null }, new Date(wall - 1_000))?.getTime() === wall;
  const fired: number[] = [];
  const minute = 60_000;
  const begin = from - 2 * 3_600_000;
  let latest = wallTime(zone, begin);
  for (let at = begin + minute; at <= until; at += minute) {
    const wall = wallTime(zone, at);
    let isDue = matches(wall) && (isHourly || wall > latest);
    // Times that the clock has left out since the minute before.
    if (!isHourly) for (let left = latest + minute; left < wall; left += minute) isDue ||= matches(left);
    latest = Math.max(latest, wall);
    if (isDue && at > from) fired.push(at);
  }
  return fired;
}

describe("names of time zones", () => {
  it.each(["Europe/Berlin", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"])("knows %s", (name) => {
    expect(timeZoneProblem(name)).toBeNull();
  });

  it.each(["", "Berlin", "+02:00", "Europe/Berlin ", "Europe\n/Berlin", "__proto__", "Europe/Atlantis"])(
    "refuses %j and says what to write",
    (name) => {
      expect(timeZoneProblem(name)).toContain("Africa/Nairobi");
    },
  );
});

it("an expression that never fires is refused, and not asked for for ever", () => {
  expect(cronProblem("0 0 31 2 *")).toBe("This cron expression never fires.");
  expect(
    nextFire(
      { cronExpression: "0 0 29 2 *", timeZone: "Europe/Berlin" },
      new Date("2026-01-01"),
    )?.toISOString(),
  ).toBe("2028-02-28T23:00:00.000Z");
});
