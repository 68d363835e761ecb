import { formatAbsolute, formatDuration } from "@/components/ui/format";
import type { StepSummary } from "@/lib/domain/run/types";
import { Connections, shown } from "./connections";
import { repeatedWords } from "./repeated";

/** How a step ran: times, adaptor, credential by name, and every connection it opened or was refused. */
export function StepFacts({ step }: { step: StepSummary }) {
  const facts: [string, string][] = [
    ["Started", formatAbsolute(new Date(step.startedAt))],
    ...(step.attempt > 1 ? [["Attempt", String(step.attempt)] satisfies [string, string]] : []),
    ["Finished", step.finishedAt ? formatAbsolute(new Date(step.finishedAt)) : "still running"],
    ["Exit code", step.exitCode === null ? "–" : String(step.exitCode)],
    ["Duration", shown(step.durationMs, formatDuration)],
    ["Peak memory", step.peakMemoryMb === null ? "–" : `${step.peakMemoryMb.toFixed(0)} MB`],
    ["Adaptor", step.adaptor],
    ["Credential", step.credentialName ?? "none"],
    ...(step.repeats > 0 ? [["Lost at first", repeatedWords(step.repeats)] satisfies [string, string]] : []),
  ];
  return (
    <div className="grid gap-3">
      <dl className="note-grid grid-cols-2 sm:grid-cols-3">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="caption">{name}</dt>
            <dd className="nums [overflow-wrap:anywhere]" suppressHydrationWarning>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <Connections connections={step.connections} isLost={step.exitReason === "lost"} />
    </div>
  );
}
