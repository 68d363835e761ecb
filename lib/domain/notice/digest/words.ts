import { wallTime } from "@/lib/workflow/time-zone";
import type { DigestData } from "./data";
import type { Counted } from "./numbers";

const before = { daily: "the day before", weekly: "the week before", monthly: "the month before" } as const;

/** A period as its person's calendar says it: `Wednesday, 25 November 2026`, `16 – 22 November 2026`, `October 2026`. */
export function periodName({
  digest,
  timeZone,
  from,
  to,
}: Pick<DigestData, "digest" | "timeZone" | "from" | "to">) {
  const first = new Date(wallTime(timeZone, Date.parse(from)));
  const last = new Date(wallTime(timeZone, Date.parse(to) - 1));
  if (digest === "monthly") return text(first, { month: "long", year: "numeric" });
  const whole = { day: "numeric", month: "long", year: "numeric" } as const;
  if (digest === "daily") return `${text(first, { weekday: "long" })}, ${text(first, whole)}`;
  const isSame = (of: Intl.DateTimeFormatOptions) => text(first, of) === text(last, of);
  const beginning = isSame({ month: "long", year: "numeric" })
    ? text(first, { day: "numeric" })
    : text(first, isSame({ year: "numeric" }) ? { day: "numeric", month: "long" } : whole);
  return `${beginning} – ${text(last, whole)}`;
}

const text = (wall: Date, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(wall);

export const number = (n: number): string => n.toLocaleString("en");
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${number(n)} ${n === 1 ? one : many}`;

export const counted = ({ count, isMore }: Counted): string =>
  isMore ? `more than ${number(count)}` : number(count);

/** `1,204, 80 more than the day before`. What was not counted to its end is not compared. */
export function compared(
  now: Counted,
  then: Counted | null | undefined,
  digest: DigestData["digest"],
): string {
  if (!then || now.isMore || then.isMore) return counted(now);
  const difference = now.count - then.count;
  if (difference === 0) return `${counted(now)}, as many as ${before[digest]}`;
  const by = `${number(Math.abs(difference))} ${difference > 0 ? "more" : "fewer"} than ${before[digest]}`;
  return `${counted(now)}, ${by}`;
}

/** A time that something took: `380 ms`, `4.2 s`, `3 min`, `2.5 h`. */
export function duration(ms: number): string {
  const round = (n: number) => number(n < 10 ? Math.round(n * 10) / 10 : Math.round(n));
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${round(ms / 60_000)} min`;
  return `${round(ms / 3_600_000)} h`;
}
