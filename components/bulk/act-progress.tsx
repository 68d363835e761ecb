"use client";
import Link from "next/link";
import { withQuery } from "@/components/api";
import { formatCount } from "@/components/ui/format";
import { StatusChip } from "@/components/ui/status-chip";
import type { BulkAct, BulkActDetail } from "@/lib/domain/bulk/schemas";
import { stateColours, stateWords } from "./words";

/** The part of its items that an act has come by; null while nobody knows how many there are. */
export const partOf = ({ state, seen, total, isMore }: BulkAct): number | null => {
  if (state === "done") return 1;
  if (isMore && seen < total) return null;
  return total === 0 ? 0 : Math.min(1, seen / total);
};

/** The state of an act as a chip. */
export const ActChip = ({ act }: { act: BulkAct }) => (
  <StatusChip status={stateColours[act.state]} word={stateWords[act.state]} title={stateWords[act.state]} />
);

/** How far an act is, as a bar. */
export function ActBar({ act }: { act: BulkAct }) {
  const part = partOf(act);
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${act.name}`}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(part === null ? {} : { "aria-valuenow": Math.floor(part * 100) })}
      data-status={stateColours[act.state]}
      className="h-1.5 overflow-hidden rounded-full bg-muted"
    >
      <svg
        aria-hidden
        className="h-full w-full text-(--status)"
        preserveAspectRatio="none"
        viewBox="0 0 100 1"
      >
        <rect width={part === null ? 8 : part * 100} height="1" fill="currentColor" />
      </svg>
    </div>
  );
}

/** Bar, counts, and how the runs stand that came of it. */
export function ActProgress({ projectId, act }: { projectId: string; act: BulkActDetail }) {
  const passed = Math.max(0, act.seen - act.done - act.refused);
  const facts: [string, string][] = [
    [
      "Looked at",
      `${act.seen.toLocaleString("en")} of ${act.isMore ? "more than " : ""}${act.total.toLocaleString("en")}`,
    ],
    [act.kind === "cancel" ? "Cancelled" : "Done", formatCount(act.done, "item")],
    ["Could not be done", act.refused.toLocaleString("en")],
    ["Nothing to do", passed.toLocaleString("en")],
    [act.kind === "cancel" ? "Runs ended" : "Runs started", act.runs.toLocaleString("en")],
    ...(act.takenBack > 0
      ? [["Taken back", act.takenBack.toLocaleString("en")] satisfies [string, string]]
      : []),
    ...(act.maxRounds > 1
      ? [["Pass", `${act.round} of at most ${act.maxRounds}`] satisfies [string, string]]
      : []),
  ];
  return (
    <section aria-label="Progress" className="grid gap-3 rounded-lg border bg-card p-4">
      <div className="flex flex-wrap items-center gap-2.5">
        <ActChip act={act} />
        <div className="min-w-40 flex-1">
          <ActBar act={act} />
        </div>
      </div>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2.5 sm:grid-cols-3 lg:grid-cols-6">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="caption">{name}</dt>
            <dd className="nums font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      {act.runStates.length > 0 ? (
        <ul aria-label="How its runs stand" className="flex flex-wrap gap-2">
          {act.runStates.map(({ state, count }) => (
            <li key={state}>
              <Link
                prefetch={false}
                href={withQuery(`/p/${projectId}/activity`, { bulk: act.id, state })}
                className="inline-flex rounded-sm hover:underline"
              >
                <StatusChip status={state} name={count > 10_000 ? "10,000+" : count.toLocaleString("en")} />
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
