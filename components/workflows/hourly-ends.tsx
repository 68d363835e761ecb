"use client";
import Link from "next/link";
import { formatCount, formatTime } from "@/components/ui/format";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { statusWord } from "@/components/ui/status-chip";
import { useHydrates } from "@/components/ui/use-hydrates";
import type { WorkflowCounts } from "@/lib/domain/workflow/counts";
import { finalRunStates } from "@/lib/words";

type ByState = WorkflowCounts["runs"];

export type HourlyEndsProps = {
  /** The last 24, the one that is under way last. */
  hours: WorkflowCounts["hours"];
  /** Of seven days, of which the first begins there. */
  week: ByState;
  from: string;
  since: string | null;
  /** Where runs of this workflow are listed. */
  href: string;
};

const sum = (runs: ByState) => Object.values(runs).reduce((total, count) => total + count, 0);
const statesOf = (runs: ByState) =>
  finalRunStates.flatMap((state) => (runs[state] ? [{ state, count: runs[state] }] : []));
const wordsOf = (runs: ByState): string =>
  statesOf(runs)
    .map(({ state, count }) => `${count.toLocaleString("en")} ${statusWord(state)}`)
    .join(", ");

/** How runs of a workflow ended: in seven days, and in each of the last 24 hours, which begin where the reader's clock says so. */
export function HourlyEnds({ hours, week, from, since, href }: HourlyEndsProps) {
  const isUtc = useHydrates();
  const clockOf = (hour: string) => (isUtc ? `${hour.slice(11, 16)} UTC` : formatTime(new Date(hour)));
  const first = hours[0]?.hour ?? from;
  const day: ByState = {};
  for (const { runs } of hours)
    for (const { state, count } of statesOf(runs)) day[state] = (day[state] ?? 0) + count;
  const busy = hours.filter(({ runs }) => sum(runs) > 0).reverse();
  return (
    <section aria-labelledby="ends" className="rounded-lg border bg-card p-3">
      <h2 id="ends" className="caption mb-2">
        Runs that ended
      </h2>
      {sum(week) === 0 ? (
        <p className="text-muted-foreground text-xs">None in the last seven days</p>
      ) : (
        <>
          <Bars hours={hours} clockOf={clockOf} />
          <div aria-hidden className="nums mt-1 flex justify-between text-muted-foreground text-xs">
            <span>{clockOf(first)}</span>
            <span>now</span>
          </div>
          <dl className="nums mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 text-xs">
            <Period name="24 hours" runs={day} href={`${href}&from=${first}`} />
            <Period name="7 days" runs={week} href={`${href}&from=${from}`} />
          </dl>
        </>
      )}
      {since ? (
        <p className="mt-1 text-muted-foreground text-xs">
          Counted since <AbsoluteTime value={since} toMinute />. What ended before is not in these numbers.
        </p>
      ) : null}
      {busy.length > 0 ? (
        <details className="mt-1 text-xs">
          <summary className="w-fit cursor-pointer py-1 text-muted-foreground hover:text-foreground">
            By hour
          </summary>
          <table className="nums mt-1 w-full text-left">
            <caption className="sr-only">Runs that ended, by hour, newest first</caption>
            <thead className="text-muted-foreground">
              <tr>
                <th scope="col" className="w-24 py-0.5 pr-4 font-normal">
                  Hour from
                </th>
                <th scope="col" className="py-0.5 font-normal">
                  Runs
                </th>
              </tr>
            </thead>
            <tbody>
              {busy.map(({ hour, runs }) => (
                <tr key={hour} className="border-t">
                  <th scope="row" className="whitespace-nowrap py-0.5 pr-4 font-normal">
                    <time dateTime={hour}>{clockOf(hour)}</time>
                  </th>
                  <td className="py-0.5">{wordsOf(runs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ) : null}
    </section>
  );
}

function Period({ name, runs, href }: { name: string; runs: ByState; href: string }) {
  const states = statesOf(runs);
  return (
    <>
      <dt className="py-1 text-muted-foreground">{name}</dt>
      <dd className="flex flex-wrap gap-x-3">
        {states.length === 0 ? <span className="py-1 text-muted-foreground">none</span> : null}
        {states.map(({ state, count }) => (
          <Link
            key={state}
            href={`${href}&state=${state}`}
            prefetch={false}
            className="py-1 underline decoration-border underline-offset-3 hover:decoration-current"
          >
            {count.toLocaleString("en")} {statusWord(state)}
          </Link>
        ))}
      </dd>
    </>
  );
}

/** What succeeded, and on top of it, apart by a gap and a frame, what did not. The table below says the same in words. */
function Bars({ hours, clockOf }: Pick<HourlyEndsProps, "hours"> & { clockOf: (hour: string) => string }) {
  const most = Math.max(1, ...hours.map(({ runs }) => sum(runs)));
  return (
    <div aria-hidden className="flex h-12 items-end gap-0.5">
      {hours.map(({ hour, runs }) => {
        const success = runs.success ?? 0;
        const others = sum(runs) - success;
        const share = (count: number) => ({ height: `${(count / most) * 100}%` });
        return (
          <div
            key={hour}
            title={`From ${clockOf(hour)}: ${wordsOf(runs) || formatCount(0, "run")}`}
            className="flex h-full min-w-0 flex-1 flex-col justify-end gap-px"
          >
            {others > 0 ? (
              <span
                data-status="failed"
                className="min-h-1 rounded-xs border border-(--status) bg-(--status-soft)"
                style={share(others)}
              />
            ) : null}
            {success > 0 ? (
              <span
                data-status="success"
                className="min-h-0.5 rounded-xs bg-(--status) opacity-75"
                style={share(success)}
              />
            ) : null}
            {success + others === 0 ? <span className="h-px bg-border" /> : null}
          </div>
        );
      })}
    </div>
  );
}
