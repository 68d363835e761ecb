import { formatCount } from "@/components/ui/format";
import { type Status, statusWord } from "@/components/ui/status-chip";
import type { RecentWork } from "@/lib/domain/workflow/last-states";

const order: Status[] = [
  "success",
  "handled",
  "running",
  "pending",
  "cancelled",
  "failed",
  "crashed",
  "killed",
  "exception",
  "lost",
  "rejected",
];

/** How the last work orders went, as shares and in words. */
export function RecentBar({ recent }: { recent: RecentWork }) {
  if (recent.total === 0) return <p className="text-muted-foreground text-xs">No work order yet</p>;
  const counts: Partial<Record<Status, number>> = {
    ...recent.byState,
    success: (recent.byState.success ?? 0) - recent.handled,
    handled: recent.handled,
  };
  const parts = order.flatMap((state) => (counts[state] ? [{ state, count: counts[state] }] : []));
  return (
    <div>
      <div aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full">
        {parts.map(({ state, count }) => (
          <span
            key={state}
            data-status={state}
            style={{ flexGrow: count }}
            className="bg-(--status) opacity-75"
          />
        ))}
      </div>
      <p className="nums mt-1 text-muted-foreground text-xs">
        {parts.map(({ state, count }) => `${count} ${statusWord(state)}`).join("; ")} of the last{" "}
        {formatCount(recent.total, "work order")}
      </p>
    </div>
  );
}
