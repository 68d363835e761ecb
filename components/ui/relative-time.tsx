"use client";
import { useSyncExternalStore } from "react";
import { formatAbsolute, formatMinute, formatPrecise, formatRelative } from "./format";

let now = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for every time on the page. */
function subscribe(listener: () => void) {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** "3 min ago", with the full date in the title; before hydration the UTC date, so that server and browser agree. */
export function RelativeTime({ value, className }: { value: string | Date; className?: string }) {
  const date = typeof value === "string" ? new Date(value) : value;
  const clock = useSyncExternalStore(
    subscribe,
    () => now || Date.now(),
    () => null,
  );
  return (
    <time
      dateTime={date.toISOString()}
      title={clock === null ? undefined : formatAbsolute(date)}
      className={className}
      suppressHydrationWarning
    >
      {clock === null ? date.toISOString().slice(0, 16).replace("T", " ") : formatRelative(date, clock)}
    </time>
  );
}

/** "22 Nov 2026, 14:02:07.123" in the reader's time zone, or to the minute; UTC before hydration. */
export function AbsoluteTime({
  value,
  toMinute = false,
  className,
}: {
  value: string;
  toMinute?: boolean;
  className?: string;
}) {
  const format = toMinute ? formatMinute : formatAbsolute;
  const isHydrated = useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
  return (
    <time dateTime={value} className={className}>
      {isHydrated ? format(new Date(value)) : `${value.slice(0, toMinute ? 16 : 19).replace("T", " ")} UTC`}
    </time>
  );
}

/** "14:02:07" today, "21 Nov 14:02:07" before; how long ago in the title. For rows whose order matters to the second. */
export function ClockTime({ value, className }: { value: string; className?: string }) {
  const date = new Date(value);
  const clock = useSyncExternalStore(
    subscribe,
    () => now || Date.now(),
    () => null,
  );
  return (
    <time
      dateTime={value}
      title={clock === null ? undefined : formatRelative(date, clock)}
      className={className}
    >
      {clock === null ? value.slice(11, 19) : formatPrecise(date, clock)}
    </time>
  );
}
