import { isOver } from "@/components/bulk/words";
import { formatCount } from "@/components/ui/format";
import type { BulkActDetail } from "@/lib/domain/bulk/schemas";

/** What has become of the reruns so far, in a sentence or two. */
export function outcomeOfAct(
  act: Pick<BulkActDetail, "state" | "runStates" | "runs" | "total" | "refused">,
): string {
  const many = (state: string) => act.runStates.find((one) => one.state === state)?.count ?? 0;
  const succeeded = many("success");
  if (!isOver(act))
    return act.runs === 0
      ? `The reruns of ${formatCount(act.total, "work order")} begin.`
      : `${succeeded.toLocaleString("en")} of ${act.runs.toLocaleString("en")} have succeeded so far.`;
  const failed = act.runStates.reduce(
    (sum, { state, count }) => (state === "success" ? sum : sum + count),
    0,
  );
  const refused = act.refused > 0 ? ` ${formatCount(act.refused, "work order")} could not be rerun.` : "";
  if (act.runs === 0) return `Nothing was rerun.${refused}`;
  if (failed === 0)
    return `${act.runs === 1 ? "It has" : `All ${act.runs.toLocaleString("en")} have`} succeeded.${refused}`;
  return `${succeeded.toLocaleString("en")} of ${act.runs.toLocaleString("en")} have succeeded, ${failed.toLocaleString("en")} have not.${refused}`;
}
