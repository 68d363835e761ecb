import type { WaitingCounts } from "@/lib/domain/run/waiting";

/** What has not ended, in a sentence. */
export function waitingWords({ running, queued, turn, resume, counted }: WaitingCounts): string {
  const parts = [
    [running, "running"],
    [queued, "about to start"],
    [turn, "behind an earlier run with their key"],
    [resume, "kept by a pause"],
  ] as const;
  const said = parts.flatMap(([count, word]) =>
    count > 0 ? `${count.toLocaleString("en")}${count === counted ? " or more" : ""} ${word}` : [],
  );
  return said.length === 0 ? "No run is unfinished." : `Unfinished runs: ${said.join(", ")}.`;
}
