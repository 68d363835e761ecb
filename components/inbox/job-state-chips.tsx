import Link from "next/link";
import { type Status, StatusChip, statusWord, stepStatus } from "@/components/ui/status-chip";
import type { JobState, MessageRow } from "@/lib/domain/message/types";
import { jobStateWords } from "@/lib/words";

type Shown = Pick<MessageRow, "jobStates" | "jobTotals" | "waiting" | "waitingTotal" | "unmatched">;

const rank = (state: JobState): number => {
  if (state.result !== "failure") return state.result === "in_progress" ? 1 : 3;
  return state.handled ? 2 : 0;
};

/** By name, so that a job's chip has the same place in every row; where some are cut off, failures come first. */
function arrange(states: JobState[], most: number): JobState[] {
  const byName = sortByName(states);
  return byName.length <= most ? byName : byName.sort((a, b) => rank(a) - rank(b));
}

export const sortByName = (states: JobState[]): JobState[] =>
  [...states].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));

const nameOf = (state: JobState) => `${state.workflowName} ${state.jobName}`;

/** The status whose colour and icon a job's state has. */
export const jobStatus = ({ result, handled }: Pick<JobState, "result" | "handled">): Status =>
  result === "failure" && handled ? "handled" : result;

/** What stands beside a state while the job runs again: how it went before. */
export const previousWord = ({ result, lastResult, handled }: JobState): string | null => {
  if (result !== "in_progress" || lastResult === null) return null;
  return `was ${statusWord(jobStatus({ result: lastResult, handled }))}`;
};

const explain = (state: JobState): string => {
  const end = state.exitReason ? statusWord(stepStatus(state)) : "in progress";
  const again = state.running && state.exitReason ? "running again now; before: " : "";
  return `${state.jobName} (${state.workflowName}): ${again}${end}${state.errorType ? `, ${state.errorType}` : ""}`;
};

/** Of the jobs without a chip, how many stand how: "and 188 more: 2 failure, 186 success". */
function restWords({ jobTotals }: Shown, shown: JobState[]): string | null {
  const rest = jobStateWords
    .map((word) => ({
      status: word,
      count: jobTotals[word] - shown.filter((state) => jobStatus(state) === word).length,
    }))
    .filter(({ count }) => count > 0);
  if (rest.length === 0) return null;
  const all = rest.reduce((sum, { count }) => sum + count, 0);
  return `and ${all} more: ${rest.map(({ status, count }) => `${count} ${statusWord(status)}`).join(", ")}`;
}

/**
 * One chip a job: the last finished run's result for this message. `hrefOf` leads to the step that decided it, and without
 * one to the receipt, where the jobs without a chip are.
 */
export function JobStateChips({
  message,
  hrefOf,
  most = 6,
}: {
  message: Shown;
  hrefOf?: ((state?: JobState) => string) | undefined;
  most?: number;
}) {
  const states = arrange(message.jobStates, most).slice(0, most);
  const rest = restWords(message, states);
  const unnamed = message.waitingTotal - message.waiting.length;
  return (
    <ul className="flex flex-wrap gap-1">
      {states.map((state) => (
        <li key={state.jobId} className="max-w-full">
          <JobStateChip state={state} href={hrefOf?.(state)} />
        </li>
      ))}
      {rest ? <Rest words={rest} href={hrefOf?.()} /> : null}
      {message.waiting.map((order) => (
        <li key={order.workflowId} className="max-w-full">
          <StatusChip
            status={order.state}
            name={order.workflowName}
            word={order.state === "pending" ? "waiting" : undefined}
            title={
              order.state === "rejected"
                ? `${order.workflowName}: kept from running by the project's plan; release it from the receipt`
                : `${order.workflowName}: no job has started yet`
            }
          />
        </li>
      ))}
      {unnamed > 0 ? <Rest words={`and ${unnamed} more workflows`} href={hrefOf?.()} /> : null}
      {message.unmatched ? (
        <li>
          <StatusChip
            status="unmatched"
            word="no trigger matched"
            title="Kept, but no trigger asked for it. Open it to process it by hand."
          />
        </li>
      ) : null}
    </ul>
  );
}

const Rest = ({ words, href }: { words: string; href: string | undefined }) => (
  <li className="self-center text-muted-foreground text-xs">
    {href ? (
      <Link href={href} prefetch={false} className="relative z-10 hover:underline">
        {words}
      </Link>
    ) : (
      words
    )}
  </li>
);

function JobStateChip({ state, href }: { state: JobState; href: string | undefined }) {
  const status = jobStatus(state);
  const previous = previousWord(state);
  const word = previous ? `${statusWord(status)}, ${previous}` : undefined;
  const chip = <StatusChip status={status} name={state.jobName} word={word} title={explain(state)} />;
  if (!href) return chip;
  return (
    <Link
      href={href}
      prefetch={false}
      className="relative z-10 inline-flex max-w-full rounded-sm hover:brightness-95 dark:hover:brightness-125"
    >
      {chip}
    </Link>
  );
}
