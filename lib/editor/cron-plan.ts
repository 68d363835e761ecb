/** When a schedule fires, as its builder asks for it. Hours and minutes are of a clock in the schedule's zone. */
export type CronPlan =
  | { kind: "minutes"; every: number }
  | { kind: "hourly"; minute: number }
  | { kind: "daily"; hour: number; minute: number }
  | { kind: "weekly"; days: readonly number[]; hour: number; minute: number }
  | { kind: "monthly"; day: number | "last"; hour: number; minute: number }
  | { kind: "own"; expression: string };

export type CronKind = CronPlan["kind"];
export const cronKinds = [
  "minutes",
  "hourly",
  "daily",
  "weekly",
  "monthly",
  "own",
] as const satisfies CronKind[];

/** The days of a week, 0 is Sunday as in cron; the week begins on Monday. */
export const weekDays: readonly number[] = [1, 2, 3, 4, 5, 6, 0];
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The expression of five fields. */
export function expressionOf(plan: CronPlan): string {
  switch (plan.kind) {
    case "minutes":
      return plan.every === 1 ? "* * * * *" : `*/${plan.every} * * * *`;
    case "hourly":
      return `${plan.minute} * * * *`;
    case "daily":
      return `${plan.minute} ${plan.hour} * * *`;
    case "weekly":
      return `${plan.minute} ${plan.hour} * * ${daysText(plan.days)}`;
    case "monthly":
      return `${plan.minute} ${plan.hour} ${plan.day === "last" ? "L" : plan.day} * *`;
    case "own":
      return plan.expression;
    default:
      return plan satisfies never;
  }
}

/** What an expression says, in the simplest of the builder's kinds that says it. */
export function planOf(expression: string): CronPlan {
  const own: CronPlan = { kind: "own", expression };
  const fields = expression.trim().split(/\s+/);
  const [minutes = "", hours = "", day = "", month = "", weekDay = ""] = fields;
  if (fields.length !== 5 || month !== "*") return own;
  const isEveryDay = day === "*" && weekDay === "*";
  if (isEveryDay && hours === "*") {
    const every = minutes === "*" ? 1 : inRange(/^\*\/(\d{1,2})$/.exec(minutes)?.[1], 1, 59);
    if (every !== null) return { kind: "minutes", every };
    const minute = inRange(minutes, 0, 59);
    return minute === null ? own : { kind: "hourly", minute };
  }
  const [minute, hour] = [inRange(minutes, 0, 59), inRange(hours, 0, 23)];
  if (minute === null || hour === null) return own;
  if (isEveryDay) return { kind: "daily", hour, minute };
  if (day === "*") {
    const days = daysOf(weekDay);
    return days ? { kind: "weekly", days, hour, minute } : own;
  }
  if (weekDay !== "*") return own;
  const number = day.toUpperCase() === "L" ? "last" : inRange(day, 1, 31);
  return number === null ? own : { kind: "monthly", day: number, hour, minute };
}

/** A plan of another kind that keeps what both kinds have. */
export function planOfKind(kind: CronKind, from: CronPlan): CronPlan {
  const minute = "minute" in from ? from.minute : 0;
  const hour = "hour" in from ? from.hour : 8;
  switch (kind) {
    case "minutes":
      return { kind, every: 15 };
    case "hourly":
      return { kind, minute };
    case "daily":
      return { kind, hour, minute };
    case "weekly":
      return { kind, days: [1, 2, 3, 4, 5], hour, minute };
    case "monthly":
      return { kind, day: 1, hour, minute };
    case "own":
      return { kind, expression: expressionOf(from) };
    default:
      return kind satisfies never;
  }
}

/** At which minutes of each hour `every` fires: where 60 is no multiple of it, the last pause is shorter. */
export const minutesOf = (every: number): number[] =>
  Array.from({ length: Math.ceil(60 / every) }, (_, n) => n * every);

const byWeek = (day: number): number => weekDays.indexOf(day);

/** `1-5` for three days in a row and more. */
function daysText(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((one, other) => byWeek(one) - byWeek(other));
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    // A range cannot end on the 0 of Sunday.
    if (run && day !== 0 && day === (run.at(-1) ?? 0) + 1) run.push(day);
    else runs.push([day]);
  }
  return runs.flatMap((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.map(String))).join(",");
}

function daysOf(text: string): number[] | null {
  const days: number[] = [];
  for (const part of text.split(",")) {
    const [first = "", last = first, ...more] = part.split("-");
    const [from, until] = [dayOf(first), dayOf(last)];
    if (from === null || until === null || more.length > 0 || until < from) return null;
    for (let day = from; day <= until; day++) days.push(day % 7);
  }
  return [...new Set(days)].sort((one, other) => byWeek(one) - byWeek(other));
}

function dayOf(text: string): number | null {
  const named = dayNames.indexOf(text.toLowerCase());
  return named >= 0 ? named : inRange(text, 0, 7);
}

function inRange(text: string | undefined, least: number, most: number): number | null {
  if (text === undefined || !/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}
