import { LruMap } from "@/lib/lru-map";

/**
 * Clocks on walls. An instant is milliseconds since 1970; a wall time is what a clock in a zone shows, as the instant at
 * which a clock in UTC shows the same.
 */

const formats = new LruMap<string, Intl.DateTimeFormat>(500);

const formatOf = (zone: string): Intl.DateTimeFormat =>
  formats.getOrMake(
    zone,
    () =>
      new Intl.DateTimeFormat("en-US", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      }),
  );

/** Whether it is a name of the IANA database; an offset such as `+02:00` knows no summer time and is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Returns why a time zone cannot be used, or null. */
export const timeZoneProblem = (name: string): string | null =>
  isTimeZone(name)
    ? null
    : `"${name}" is not a time zone. Write a name of the IANA database, such as "Africa/Nairobi", or leave it out for UTC.`;

/** What a clock in the zone shows at an instant, in whole seconds. */
export function wallTime(zone: string, instant: number): number {
  const seconds = Math.floor(instant / 1_000) * 1_000;
  if (zone === "UTC") return seconds;
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = formatOf(zone)
    .format(seconds)
    .split(/[^0-9]+/)
    .map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** By how much a clock in the zone is ahead of UTC at an instant. */
export const offset = (zone: string, instant: number): number =>
  wallTime(zone, instant) - Math.floor(instant / 1_000) * 1_000;

const dayMs = 86_400_000;

/** The first instant at which a clock shows this time; when none does, that at which it is over. */
export function firstInstant(zone: string, wall: number): number {
  if (zone === "UTC") return wall;
  const offsets = [offset(zone, wall - dayMs), offset(zone, wall + dayMs)];
  const early = wall - Math.max(...offsets);
  const late = wall - Math.min(...offsets);
  const shown = [early, late].find((instant) => wallTime(zone, instant) === wall);
  return shown ?? transitionBetween(zone, early, late) ?? late;
}

/** The instant between two at which the zone's offset becomes another; null when it is the same at both. */
export function transitionBetween(zone: string, from: number, until: number): number | null {
  if (zone === "UTC" || offset(zone, from) === offset(zone, until)) return null;
  let [before, after] = [from, until];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offset(zone, middle) === offset(zone, from)) before = middle;
    else after = middle;
  }
  return after;
}
