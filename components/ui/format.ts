const units = ["B", "KB", "MB", "GB"] as const;

/** 1234 → "1.2 KB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? "GB"}`;
}

/** 1, "line" → "1 line"; 1234, "line" → "1,234 lines". */
export const formatCount = (count: number, one: string): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : `${one}s`}`;

/** 1234 → "1.23 s"; 90_000 → "1 min 30 s". */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1) return "<1 ms";
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "12 s ago", "3 min ago", "14:02", "21 Nov 14:02": as precise as the distance deserves. */
export function formatRelative(date: Date, now: number): string {
  const seconds = Math.round((now - date.getTime()) / 1000);
  // A moment ahead is a clock that ticks every few seconds, or another machine's.
  if (seconds < -300) return formatAbsolute(date);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const time = formatTime(date);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return time;
  const day = `${date.getDate()} ${months[date.getMonth()] ?? ""}`;
  return date.getFullYear() === today.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()}`;
}

/** "22 Nov 2026, 14:02:07.123" in the reader's time zone. */
export function formatAbsolute(date: Date): string {
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const thousandths = String(date.getMilliseconds()).padStart(3, "0");
  return `${date.getDate()} ${months[date.getMonth()] ?? ""} ${date.getFullYear()}, ${time}.${thousandths}`;
}

/** "22 Nov 2026, 14:02" in the reader's time zone: as precise as what people plan. */
export function formatMinute(date: Date): string {
  return `${date.getDate()} ${months[date.getMonth()] ?? ""} ${date.getFullYear()}, ${formatTime(date)}`;
}

/** "29 Nov 2026", of an ISO 8601 moment: the day in UTC, the same wherever it is read. */
export function formatDay(value: string): string {
  const date = new Date(value);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ""} ${date.getUTCFullYear()}`;
}

/** "14:02:07" today, "21 Nov 14:02:07" this year, "21 Nov 2025 14:02" before. */
export function formatPrecise(date: Date, now: number): string {
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return clock;
  const day = `${date.getDate()} ${months[date.getMonth()] ?? ""}`;
  return date.getFullYear() === today.getFullYear()
    ? `${day} ${clock}`
    : `${day} ${date.getFullYear()} ${clock.slice(0, 5)}`;
}

/** "14:02" in the reader's time zone. */
export const formatTime = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}`;

/** "14:02:07.123". */
export function formatClock(date: Date): string {
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** The part of a time-ordered id that tells neighbours apart: its end. */
export const shortId = (id: string): string => id.slice(-8);

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number) => String(value).padStart(2, "0");
