import type { DigestWord } from "@/lib/words";
import { firstInstant, wallTime } from "@/lib/workflow/time-zone";

/** When a person is not to be disturbed: minutes of the day (0–1439) in their zone; both null = never. */
export type QuietHours = { timeZone: string | null; quietFrom: number | null; quietTo: number | null };

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** In the morning, by the clock of whoever gets it. */
const digestMinute = 8 * 60;

/** Instants, the end not included. */
export type Period = { from: Date; to: Date };

/**
 * When the quiet hours end in which `now` is; null outside of them. They last from the first instant at which the person's
 * clock shows their beginning to the first at which it shows their end: a time that is left out counts when it would have
 * been over, one that comes twice the first time. So an end in the night in which clocks go back is no beginning of more.
 */
export function quietUntil({ timeZone, quietFrom, quietTo }: QuietHours, now: Date): Date | null {
  if (quietFrom === null || quietTo === null) return null;
  const zone = timeZone ?? "UTC";
  const midnight = startOfDay(wallTime(zone, now.getTime()));
  const overnight = quietTo <= quietFrom ? dayMs : 0;
  for (const day of [midnight - dayMs, midnight]) {
    const from = firstInstant(zone, day + quietFrom * minuteMs);
    const to = firstInstant(zone, day + overnight + quietTo * minuteMs);
    if (from <= now.getTime() && now.getTime() < to) return new Date(to);
  }
  return null;
}

/** The first moment after `after` at which a digest is due: 08:00 each day, on Mondays, or on the first of a month. */
export function nextDigest(digest: DigestWord, timeZone: string | null, after: Date): Date | null {
  if (digest === "never") return null;
  const zone = timeZone ?? "UTC";
  const start = periodStart(digest, wallTime(zone, after.getTime()));
  // This period's may still be to come; the next one's is.
  const times = [0, 1].map((steps) =>
    firstInstant(zone, step(digest, start, steps) + digestMinute * minuteMs),
  );
  return new Date(times.find((at) => at > after.getTime()) ?? after);
}

/**
 * What a digest that is due at `due` is about, and the time before, which it is compared with: whole days, weeks (from
 * Monday) and months of the clock in the zone.
 */
export function digestPeriods(
  digest: Exclude<DigestWord, "never">,
  timeZone: string | null,
  due: Date,
): { period: Period; before: Period } {
  const zone = timeZone ?? "UTC";
  const end = periodStart(digest, wallTime(zone, due.getTime()));
  const [to = due, from = due, begin = due] = [0, -1, -2].map(
    (steps) => new Date(firstInstant(zone, step(digest, end, steps))),
  );
  return { period: { from, to }, before: { from: begin, to: from } };
}

/** Of the day, week or month in which a wall time is, the first midnight. */
function periodStart(digest: Exclude<DigestWord, "never">, wall: number): number {
  const day = startOfDay(wall);
  if (digest === "daily") return day;
  const at = new Date(day);
  if (digest === "weekly") return day - ((at.getUTCDay() + 6) % 7) * dayMs;
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}

function step(digest: Exclude<DigestWord, "never">, start: number, steps: number): number {
  if (digest !== "monthly") return start + steps * (digest === "weekly" ? 7 : 1) * dayMs;
  const at = new Date(start);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + steps, 1);
}

const startOfDay = (wall: number): number => Math.floor(wall / dayMs) * dayMs;
