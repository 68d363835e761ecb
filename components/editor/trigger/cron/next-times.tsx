"use client";
import { useEffect, useState } from "react";
import { zonedTimes } from "@/lib/editor/zoned-times";
import { cronProblem } from "@/lib/workflow/cron";
import { timeZoneProblem } from "@/lib/workflow/time-zone";
import { yourZone } from "./time-zone-field";

const shown = 5;
const minuteMs = 60_000;

type Props = { expression: string; timeZone: string | null; isOn: boolean };

/** The next times of a schedule, by a clock in its zone and by one in yours. */
export function NextTimes({ expression, timeZone, isOn }: Props) {
  const now = useNow();
  if (cronProblem(expression) || (timeZone && timeZoneProblem(timeZone))) return null;
  const yours = yourZone();
  const zone = timeZone ?? "UTC";
  const times = zonedTimes({ cronExpression: expression, timeZone }, yours, now, shown);
  const isOne = times.every(({ inZone, inYours }) => inZone === inYours);
  return (
    <div className="overflow-x-auto rounded-lg border bg-card">
      <table className="w-full text-sm">
        <caption className="px-3 pt-2 text-left font-medium text-[13px]">
          The next five times{isOn ? "" : ", once it is on"}
        </caption>
        <thead>
          <tr className="text-left text-muted-foreground text-xs">
            <th scope="col" className="px-3 py-1.5 font-medium">
              {isOne ? zone : `In ${zone}`}
            </th>
            {isOne ? null : (
              <th scope="col" className="px-3 py-1.5 font-medium">
                Where you are ({yours})
              </th>
            )}
          </tr>
        </thead>
        <tbody className="nums">
          {times.map(({ at, inZone, inYours }) => (
            <tr key={at.getTime()} className="border-t">
              <td className="px-3 py-1">
                <time dateTime={at.toISOString()}>{inZone}</time>
              </td>
              {isOne ? null : <td className="px-3 py-1">{inYours}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The time, by the minute. */
function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), minuteMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
