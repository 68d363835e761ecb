"use client";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { WorkflowTrigger } from "@/lib/domain/workflow/list";
import { Cell } from "./cell";

type Props = {
  projectId: string;
  workflowId: string;
  trigger: WorkflowTrigger;
  /** The expression in words. */
  words: string | undefined;
  canRun: boolean;
};

/** When a cron trigger starts its workflow, what came of its last time, and a button that starts it now. */
export function Schedule({ projectId, workflowId, trigger, words, canRun }: Props) {
  const { cronExpression, timeZone, whenRunning, nextRunAt, nextRuns, lastTick } = trigger;
  const waits = nextRunAt !== null && nextRuns[0] !== undefined && nextRunAt < nextRuns[0];
  return (
    <>
      <dl className="note-grid grid-cols-1 sm:grid-cols-2 sm:[&>:last-child:nth-child(odd)]:col-span-2">
        <Cell name="Schedule">
          <code className="font-mono text-[13px]">{cronExpression}</code>
          <span className="block text-muted-foreground">
            {words} ({timeZone ?? "UTC"})
          </span>
        </Cell>
        <Cell name="While the run before is under way">
          {whenRunning === "skip" ? "the time is skipped" : "it waits for its end"}
        </Cell>
        <Cell name="Next start, by your clock">
          {waits ? (
            <>
              due since <AbsoluteTime toMinute value={nextRunAt} />: starts within a minute, or when the run
              before has ended
            </>
          ) : nextRunAt ? (
            <AbsoluteTime toMinute value={nextRunAt} />
          ) : (
            "none"
          )}
        </Cell>
        <Cell name="Last time">{lastTick ? <LastTick {...lastTick} /> : "none yet"}</Cell>
        <Cell name={waits ? "Next times" : "And then"}>
          <ul className="grid gap-0.5">
            {nextRuns.slice(waits ? 0 : 1).map((at) => (
              <li key={at}>
                <AbsoluteTime toMinute value={at} />
              </li>
            ))}
          </ul>
        </Cell>
      </dl>
      {canRun && trigger.leads ? (
        <RunNow projectId={projectId} workflowId={workflowId} triggerId={trigger.id} />
      ) : null}
    </>
  );
}

const unstarted = {
  skipped: "skipped, the run before was under way",
  limited: "not started, the project's plan had no run left",
};

function LastTick({ outcome, dueAt, at, missed }: NonNullable<WorkflowTrigger["lastTick"]>) {
  return (
    <>
      <AbsoluteTime toMinute value={dueAt} />
      {outcome === "started" ? null : `: ${unstarted[outcome]}`}
      {missed > 0 ? (
        <span className="block text-muted-foreground">
          looked at <AbsoluteTime toMinute value={at} />, for {missed >= 1_000 ? "1,000 or more" : missed}{" "}
          further {missed === 1 ? "time" : "times"} that had passed by then
        </span>
      ) : null}
    </>
  );
}

/** Starts a cron trigger of the saved version, after a question. */
export function RunNow({
  projectId,
  workflowId,
  triggerId,
}: {
  projectId: string;
  workflowId: string;
  triggerId: string;
}) {
  const router = useRouter();
  const start = useApi({
    send: () =>
      api("POST /api/projects/[project]/workflows/[id]/triggers/[trigger]/run", {
        params: { project: projectId, id: workflowId, trigger: triggerId },
      }),
    message: "It is on its way.",
    done: ({ runId }) => router.push(`/p/${projectId}/runs/${runId}`),
  });
  return (
    <div>
      <Confirm
        trigger={
          <Button variant="outline" disabled={start.isPending}>
            <Play aria-hidden /> Run now
          </Button>
        }
        title="Run this workflow now?"
        description="It begins with the state that its next time would begin with: what its last success came to, or an empty one. Its schedule stays as it is."
        action="Run now"
        cancel="Not now"
        onConfirm={() => start.mutate(undefined)}
      />
    </div>
  );
}
