import { formatCount, formatDay } from "@/components/ui/format";
import type { Usage } from "@/lib/domain/usage/types";

/** A bar for each day, the newest last: what ran, and on top of it what the plan kept from running. */
export function DayBars({ days }: { days: Usage["days"] }) {
  const most = Math.max(1, ...days.map(({ runs, rejected }) => runs + rejected));
  return (
    <>
      <ol className="grid gap-0.5 text-xs">
        {days.map(({ day, runs, rejected, skipped }) => (
          <li
            key={day}
            className="grid grid-cols-[3.5rem_minmax(0,1fr)_minmax(5.5rem,auto)] items-center gap-x-3 rounded-sm px-1 py-0.5 hover:bg-muted"
          >
            <time dateTime={day} className="nums whitespace-nowrap text-muted-foreground">
              {formatDay(day).replace(/ \d{4}$/, "")}
            </time>
            <span aria-hidden className="flex h-3 gap-px">
              {runs > 0 ? (
                <span
                  className="min-w-px rounded-xs bg-accent"
                  style={{ width: `${(runs / most) * 100}%` }}
                />
              ) : null}
              {rejected > 0 ? (
                <span
                  data-status="rejected"
                  className="min-w-px rounded-xs border border-(--status) bg-(--status-soft)"
                  style={{ width: `${(rejected / most) * 100}%` }}
                />
              ) : null}
            </span>
            <span className="nums text-right">
              {formatCount(runs, "run")}
              {rejected > 0 ? <span className="text-muted-foreground">, {rejected} rejected</span> : null}
              {skipped > 0 ? <span className="text-muted-foreground">, {skipped} passed over</span> : null}
            </span>
          </li>
        ))}
      </ol>
      {days.every(({ runs, rejected }) => runs + rejected === 0) ? (
        <p className="mt-3 text-muted-foreground">Nothing was started.</p>
      ) : null}
    </>
  );
}
