import { StatusChip } from "@/components/ui/status-chip";
import type { PersonRequest } from "@/lib/domain/person/schemas";
import { isUnderWay, sayState, stateColours, stateWords } from "./words";

/** How far a search or a wipe is, and what it does now. */
export function PersonProgress({ request }: { request: PersonRequest }) {
  const isLooking = request.state === "scanning" || request.state === "verifying";
  const facts: [string, string][] = [
    ["Looked at", request.seen.toLocaleString("en")],
    ["Found", request.found.toLocaleString("en")],
    ["Wiped", request.wiped.toLocaleString("en")],
    ["Until", `${request.until.slice(0, 16).replace("T", " ")} UTC`],
  ];
  return (
    <section aria-label="Progress" className="grid gap-3 rounded-lg border bg-card p-4">
      <div className="flex flex-wrap items-center gap-2.5">
        <StatusChip status={stateColours[request.state]} word={stateWords[request.state]} />
        {isLooking ? <Bar part={request.progress} /> : null}
      </div>
      <p
        role={isUnderWay(request) ? "status" : undefined}
        className="text-muted-foreground text-sm leading-relaxed"
      >
        {sayState(request)}
      </p>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2.5 sm:grid-cols-4">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="caption">{name}</dt>
            <dd className="nums font-medium">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Bar({ part }: { part: number }) {
  return (
    <div
      role="progressbar"
      aria-label="Progress of the search"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(part * 100)}
      data-status="running"
      className="h-1.5 min-w-40 flex-1 overflow-hidden rounded-full bg-muted"
    >
      <svg
        aria-hidden
        className="h-full w-full text-(--status)"
        preserveAspectRatio="none"
        viewBox="0 0 100 1"
      >
        <rect width={part * 100} height="1" fill="currentColor" />
      </svg>
    </div>
  );
}
