import Link from "next/link";
import type { ReactNode } from "react";
import { formatCount, formatDay } from "@/components/ui/format";
import type { Usage } from "@/lib/domain/usage/types";

/** What the plan lets the project start, how much of it is used, and where that leads to. */
export function PlanFacts({ projectId, usage }: { projectId: string; usage: Usage }) {
  const { plan, percent, forecast, toRelease } = usage;
  const { runsPerMonth, runsPerMinute, limitKind } = plan;
  return (
    <dl className="grid gap-3">
      <Fact name="Runs a month">
        {runsPerMonth === null ? "as many as come" : runsPerMonth.toLocaleString("en")}
        {percent === null ? null : (
          <div className="mt-1.5 flex items-center gap-2">
            <span
              aria-hidden
              data-status={percent >= 100 ? "failed" : percent >= 85 ? "rejected" : "success"}
              className="flex h-1.5 flex-1 overflow-hidden rounded-full bg-muted"
            >
              <span className="bg-(--status)" style={{ width: `${Math.min(100, percent)}%` }} />
            </span>
            <span className="nums text-xs">{percent} % used</span>
          </div>
        )}
      </Fact>
      {runsPerMonth === null ? null : (
        <Fact name="Beyond that">
          {limitKind === "soft"
            ? "Messages are kept, and their work orders rejected until somebody releases them."
            : "Messages are refused with 429."}
        </Fact>
      )}
      <Fact name="Runs a minute">
        {runsPerMinute === null ? "as many as come" : runsPerMinute.toLocaleString("en")}
      </Fact>
      {forecast ? (
        <Fact name="At the month's end">
          about {formatCount(forecast.runs, "run")}
          <span className="block text-muted-foreground text-xs">
            {forecast.reachedOn
              ? `The month's runs would be used up on ${formatDay(forecast.reachedOn)}.`
              : "If it goes on as in the last seven days."}
          </span>
        </Fact>
      ) : null}
      {toRelease > 0 ? (
        <Fact name="Still rejected">
          <Link href={`/p/${projectId}/activity?state=rejected`} className="text-accent hover:underline">
            {toRelease >= 1_000 ? "1,000 work orders or more" : formatCount(toRelease, "work order")}
          </Link>
        </Fact>
      ) : null}
    </dl>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt className="text-muted-foreground text-xs">{name}</dt>
    <dd>{children}</dd>
  </div>
);
