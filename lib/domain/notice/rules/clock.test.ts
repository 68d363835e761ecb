import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wallTime } from "@/lib/workflow/time-zone";
import { digestPeriods, nextDigest, quietUntil } from "./clock";

const at = (text: string) => new Date(text);
const until = (timeZone: string | null, quietFrom: number | null, quietTo: number | null, now: string) =>
  quietUntil({ timeZone, quietFrom, quietTo }, at(now))?.toISOString() ?? null;
const minute = (hour: number, rest = 0) => hour * 60 + rest;

describe("quiet hours", () => {
  it("are none unless both ends are chosen", () => {
    expect(until("Africa/Nairobi", null, null, "2026-11-26T20:00:00Z")).toBeNull();
  });

  it("end by the person's clock, before and after midnight", () => {
    const nairobi = (now: string) => until("Africa/Nairobi", minute(22), minute(7), now);
    expect(nairobi("2026-11-26T18:59:59.999Z")).toBeNull();
    expect(nairobi("2026-11-26T19:00:00Z")).toBe("2026-11-27T04:00:00.000Z");
    expect(nairobi("2026-11-27T03:59:59.999Z")).toBe("2026-11-27T04:00:00.000Z");
    expect(nairobi("2026-11-27T04:00:00Z")).toBeNull();
  });

  it("may lie within a day", () => {
    expect(until(null, minute(12), minute(13), "2026-11-26T12:30:00Z")).toBe("2026-11-26T13:00:00.000Z");
    expect(until(null, minute(12), minute(13), "2026-11-26T13:30:00Z")).toBeNull();
  });

  it("last an hour less in the night in which clocks go forward, and one more when they go back", () => {
    const berlin = (now: string) => until("Europe/Berlin", minute(22), minute(7), now);
    expect(berlin("2026-03-28T21:30:00Z")).toBe("2026-03-29T05:00:00.000Z");
    expect(berlin("2026-10-24T20:30:00Z")).toBe("2026-10-25T06:00:00.000Z");
  });

  it("end when a time that is left out would have been over", () => {
    const berlin = (now: string) => until("Europe/Berlin", minute(22), minute(2, 30), now);
    expect(berlin("2026-03-29T00:59:59Z")).toBe("2026-03-29T01:00:00.000Z");
    expect(berlin("2026-03-29T01:00:00Z")).toBeNull();
  });

  it("end once, also when their end comes twice", () => {
    const berlin = (now: string) => until("Europe/Berlin", minute(22), minute(2, 30), now);
    // 02:20 and 02:40 of summer, then 02:20 of winter.
    expect(berlin("2026-10-25T00:20:00Z")).toBe("2026-10-25T00:30:00.000Z");
    expect(berlin("2026-10-25T00:40:00Z")).toBeNull();
    expect(berlin("2026-10-25T01:20:00Z")).toBeNull();
  });

  const zone = fc.constantFrom(
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Chatham",
  );
  const moment = fc.date({
    min: at("2020-01-01T00:00:00Z"),
    max: at("2035-01-01T00:00:00Z"),
    noInvalidDate: true,
  });
  const minutes = fc.integer({ min: 0, max: 1439 });

  it("end later than now and within a day and two hours, and are over then", () => {
    fc.assert(
      fc.property(zone, minutes, minutes, moment, (timeZone, quietFrom, quietTo, now) => {
        fc.pre(quietFrom !== quietTo);
        const quiet = { timeZone, quietFrom, quietTo };
        const end = quietUntil(quiet, now);
        if (!end) return;
        expect(end.getTime()).toBeGreaterThan(now.getTime());
        expect(end.getTime() - now.getTime()).toBeLessThanOrEqual(26 * 3_600_000);
        // At the end itself they may begin anew only when there is no time of the clock between the two.
        const again = quietUntil(quiet, end);
        if (again) expect(wallTime(timeZone, end.getTime()) % 86_400_000).not.toBe(quietTo * 60_000);
      }),
    );
  });

  it("of digests: the next is later, at the first moment from eight on, and its period ends before it", () => {
    const digest = fc.constantFrom("daily" as const, "weekly" as const, "monthly" as const);
    fc.assert(
      fc.property(zone, digest, moment, (timeZone, word, now) => {
        const due = nextDigest(word, timeZone, now);
        if (!due) throw new Error("A digest is always to come.");
        expect(due.getTime()).toBeGreaterThan(now.getTime());
        const clock = new Date(wallTime(timeZone, due.getTime()));
        expect(clock.getUTCHours()).toBe(8);
        if (word === "weekly") expect(clock.getUTCDay()).toBe(1);
        if (word === "monthly") expect(clock.getUTCDate()).toBe(1);
        const { period, before } = digestPeriods(word, timeZone, due);
        expect(before.to).toEqual(period.from);
        expect(before.from.getTime()).toBeLessThan(before.to.getTime());
        expect(due.getTime() - period.to.getTime()).toBeLessThanOrEqual(9 * 3_600_000);
        // The one after it goes on where this one ends.
        const after = nextDigest(word, timeZone, due);
        if (after) expect(digestPeriods(word, timeZone, after).before).toEqual(period);
      }),
    );
  });
});

describe("digests", () => {
  const next = (word: "daily" | "weekly" | "monthly", zone: string | null, after: string) =>
    nextDigest(word, zone, at(after))?.toISOString();

  it("are due at eight by the clock of whoever gets them", () => {
    expect(nextDigest("never", null, at("2026-11-26T07:00:00Z"))).toBeNull();
    expect(next("daily", null, "2026-11-26T07:59:59Z")).toBe("2026-11-26T08:00:00.000Z");
    expect(next("daily", null, "2026-11-26T08:00:00Z")).toBe("2026-11-27T08:00:00.000Z");
    expect(next("daily", "Africa/Nairobi", "2026-11-26T04:00:00Z")).toBe("2026-11-26T05:00:00.000Z");
    expect(next("weekly", "Africa/Nairobi", "2026-11-26T04:00:00Z")).toBe("2026-11-30T05:00:00.000Z");
    expect(next("monthly", "America/New_York", "2026-11-01T13:00:00Z")).toBe("2026-12-01T13:00:00.000Z");
  });

  it("are about whole days of that clock, of 23, 24 and 25 hours", () => {
    const hours = (due: string) => {
      const { period, before } = digestPeriods("daily", "Europe/Berlin", at(due));
      return [before, period].map(({ from, to }) => (to.getTime() - from.getTime()) / 3_600_000);
    };
    expect(hours("2026-03-30T06:00:00Z")).toEqual([24, 23]);
    expect(hours("2026-10-26T07:00:00Z")).toEqual([24, 25]);
    expect(hours("2026-10-27T07:00:00Z")).toEqual([25, 24]);
  });

  it("are about the month before, whatever its length, also when they are late", () => {
    expect(digestPeriods("monthly", null, at("2026-03-05T12:00:00Z"))).toEqual({
      period: { from: at("2026-02-01T00:00:00Z"), to: at("2026-03-01T00:00:00Z") },
      before: { from: at("2026-01-01T00:00:00Z"), to: at("2026-02-01T00:00:00Z") },
    });
  });
});
