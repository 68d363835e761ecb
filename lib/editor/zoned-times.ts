import { nextFires, type Schedule } from "@/lib/workflow/cron";

/** A time at which a schedule fires, as clocks show it. */
export type ZonedTime = { at: Date; inZone: string; inYours: string };

/** The next times of a valid schedule, by a clock in its zone and by one in yours. */
export function zonedTimes(schedule: Schedule, yours: string, after: Date, count: number): ZonedTime[] {
  return nextFires(schedule, after, count).map((at) => ({
    at,
    inZone: timeIn(schedule.timeZone ?? "UTC", at),
    inYours: timeIn(yours, at),
  }));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `Mon 30 Mar 2026, 08:00` */
export function timeIn(zone: string, at: Date): string {
  const format = formats.get(zone) ?? formatFor(zone);
  formats.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute}`;
}

const formatFor = (timeZone: string) =>
  new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });

/** How far clocks of a zone are ahead of UTC at a moment: `UTC+3`, `UTC−3:30`, `UTC`. */
export function offsetIn(zone: string, at: Date): string {
  const name = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "shortOffset" })
    .formatToParts(at)
    .find(({ type }) => type === "timeZoneName")?.value;
  return (name ?? "").replace("GMT", "UTC").replace("UTC+0", "UTC").replace("-", "−");
}

/** Names of time zones: yours, UTC, and then by the alphabet; those that have every word of the text. */
export function zonesNamed(text: string, all: readonly string[], yours: string): string[] {
  const words = plain(text).split(" ").filter(Boolean);
  const first = [...new Set([yours, "UTC"])];
  return [...first, ...all.filter((zone) => !first.includes(zone))].filter((zone) => {
    const name = plain(zone);
    return words.every((word) => name.includes(word));
  });
}

const plain = (text: string): string => text.toLowerCase().replace(/[/_\s]+/g, " ");
