import { Cron } from "croner";
import { LruMap } from "@/lib/lru-map";
import { firstInstant, offset, transitionBetween, wallTime } from "./time-zone";

/** When a cron trigger fires. */
export type Schedule = { cronExpression: string; timeZone: string | null };

/** What a cron trigger has that says nothing (OpenFn's own): midnight. */
export const defaultCronExpression = "0 0 * * *";

/** Five fields, at most once a minute (seed: v1's cron triggers), of a clock on the wall. */
const parse = (expression: string) => new Cron(expression, { mode: "5-part", timezone: "UTC" });

/** Returns why a cron expression cannot be used, or null. */
export function cronProblem(expression: string): string | null {
  if (expression.trim().split(/\s+/).length !== 5)
    return "A cron expression has five fields: minute, hour, day of month, month, day of week.";
  try {
    return parse(expression).nextRun() ? null : "This cron expression never fires.";
  } catch {
    return `"${expression}" is not a cron expression. Example: "0 2 * * *" is every day at 02:00.`;
  }
}

/**
 * Returns the first time after `after` at which a valid schedule fires, or null when there is none.
 *
 * When clocks are changed, what fires in every hour goes by the time that passes. Anything else fires once for each time
 * of its clock: times that are left out fire together when they would have been over, times that come twice the first time.
 */
export function nextFire({ cronExpression, timeZone }: Schedule, after: Date): Date | null {
  const { clock, isHourly } = compiled(cronExpression);
  const next = (wall: number): number | null => clock.nextRun(new Date(wall))?.getTime() ?? null;
  const zone = timeZone ?? "UTC";
  const at = isHourly ? nextByPassing(zone, next, after.getTime()) : nextByClock(zone, next, after.getTime());
  return at === null ? null : new Date(at);
}

/** Returns the next times at which a valid schedule fires, at most so many. */
export function nextFires(schedule: Schedule, after: Date, count: number): Date[] {
  const times: Date[] = [];
  for (let at = nextFire(schedule, after); at && times.length < count; at = nextFire(schedule, at))
    times.push(at);
  return times;
}

/** Counts the times after `after` and until `now` at which a valid schedule fires; no further than `most`. */
export function countFires(schedule: Schedule, after: Date, now: Date, most: number): number {
  let count = 0;
  let at = nextFire(schedule, after);
  for (; at && at <= now && count < most; at = nextFire(schedule, at)) count++;
  return count;
}

type NextWall = (wall: number) => number | null;

function nextByClock(zone: string, next: NextWall, after: number): number | null {
  for (let wall = next(wallTime(zone, after)); wall !== null; wall = next(wall)) {
    const at = firstInstant(zone, wall);
    if (at > after) return at;
  }
  return null;
}

function nextByPassing(zone: string, next: NextWall, after: number): number | null {
  let from = after;
  let wall = next(wallTime(zone, from));
  while (wall !== null) {
    const at = wall - offset(zone, from);
    const change = transitionBetween(zone, from, at);
    if (change === null) return at;
    // From the first moment of the new offset, which may be one at which it fires.
    from = change;
    wall = next(wallTime(zone, from) - 1_000);
  }
  return null;
}

type Compiled = { clock: Cron; isHourly: boolean };

const maxCompiled = 1_000;
const known = new LruMap<string, Compiled>(maxCompiled);

const compiled = (expression: string): Compiled =>
  known.getOrMake(expression, () => ({ clock: parse(expression), isHourly: firesInEveryHour(expression) }));

const hourMs = 3_600_000;

function firesInEveryHour(expression: string): boolean {
  const hours = expression.trim().split(/\s+/)[1];
  const runs = parse(`0 ${hours} * * *`).nextRuns(24, new Date(-1));
  return runs.length === 24 && runs.every((run, hour) => run.getTime() === hour * hourMs);
}
