import { Cron } from "croner";

/** Five fields, UTC, at most once a minute (seed: v1's cron triggers). */
const parse = (expression: string) => new Cron(expression, { mode: "5-part", timezone: "UTC" });

/** Returns why a cron expression cannot be used, or null. */
export function cronProblem(expression: string): string | null {
  if (expression.trim().split(/\s+/).length !== 5)
    return "A cron expression has five fields: minute, hour, day of month, month, day of week.";
  try {
    return parse(expression).nextRun() ? null : "This cron expression never fires.";
  } catch {
    return `"${expression}" is not a cron expression. Example: "0 2 * * *" is every day at 02:00 UTC.`;
  }
}

/** Returns the first time after `after` at which a valid expression fires, or null when there is none. */
export const nextFire = (expression: string, after: Date): Date | null => parse(expression).nextRun(after);
