import { Cron } from "croner";

const unitMs: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/** Milliseconds from now meant by "2h30m", "10s" or an ISO date. Throws when it is neither. */
export function durationMs(text: string, now = Date.now()): number {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const at = Date.parse(text);
    if (Number.isNaN(at)) throw new Error(`"${text}" is not a date.`);
    return Math.max(0, at - now);
  }
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w)\s*)+$/.test(text))
    throw new Error(`"${text}" is not a duration such as 30s, 5m or 2h30m.`);
  return [...text.matchAll(/([\d.]+)(ms|s|m|h|d|w)/g)].reduce(
    (sum, m) => sum + Number(m[1]) * (unitMs[m[2] ?? ""] ?? 0),
    0,
  );
}

/** Milliseconds meant by a `retry-after` header (seconds or a date), between one second and a day. */
export function retryAfterMs(header: string, now = Date.now()): number {
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Math.min(864e5, Math.max(1000, Number.isNaN(ms) ? 1000 : ms));
}

/** The next fire time of a cron line, which may begin with `TZ=Area/City`. Throws when the line is not understood. */
export function nextCron(line: string, after = new Date()): Date {
  const zoned = /^TZ=(\S+)\s+(.*)$/.exec(line);
  const next = new Cron(zoned?.[2] ?? line, { timezone: zoned?.[1] ?? "UTC" }).nextRun(after);
  if (!next) throw new Error(`The cron line "${line}" never fires.`);
  return next;
}

const retryDelaysMs = [15e3, 30e3, 6e4, 12e4, 3e5, 6e5, 12e5, 24e5, 36e5, 72e5];

/** The real server's back-off: 15 s to 2 h, plus up to 30 s. */
export const defaultBackoffMs = (attempt: number): number =>
  (retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)] ?? 72e5) + Math.random() * 30e3;
