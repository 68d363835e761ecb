"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect } from "react";
import { ApiError, api } from "@/components/api";
import { ActProgress } from "@/components/bulk/act-progress";
import { isOver, waiting } from "@/components/bulk/words";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { ExplainedRun } from "@/components/ui/explained";
import { outcomeOfAct } from "./outcome-words";
import { type Done, startRerun } from "./start-rerun";
import { useFocusedHeading } from "./use-focused-heading";
import type { Present, RepairTarget } from "./use-repair";

type Props = {
  projectId: string;
  repairable: Present;
  done: Done;
  onClose: () => void;
  onRepairAgain: (target: RepairTarget) => void;
};

/** What became of it: the version, and the reruns up to their end. */
export function Outcome({ projectId, repairable, done, onClose, onRepairAgain }: Props) {
  const heading = useFocusedHeading();
  const { id, name } = repairable.workflow;
  const { version, rerun } = done;
  return (
    <div className="grid gap-4">
      <h3 ref={heading} tabIndex={-1} className="font-semibold text-[15px] outline-none">
        {version === null ? "The code stays as it was" : `Saved as version ${version} of ${name}`}
      </h3>
      {version === null ? null : (
        <p className="text-muted-foreground text-sm">
          <Link href={`/p/${projectId}/workflows/${id}/versions`} className="text-accent underline">
            Its versions
          </Link>{" "}
          show what changed, and restore the one before.
        </p>
      )}
      {rerun ? <Rerun {...{ projectId, rerun, onRepairAgain }} jobName={repairable.job.name} /> : null}
      <DialogFooter className="mt-0">
        <Button variant={rerun ? "outline" : "primary"} onClick={onClose}>
          Close
        </Button>
      </DialogFooter>
    </div>
  );
}

type RerunProps = Pick<Props, "projectId" | "onRepairAgain"> & {
  rerun: NonNullable<Done["rerun"]>;
  jobName: string;
};

function Rerun({ projectId, rerun, jobName, onRepairAgain }: RerunProps) {
  const again = useMutation({ mutationFn: () => startRerun(projectId, rerun.wanted) });
  const started = again.data ?? rerun.started;
  const problem = again.isIdle ? rerun.problem : again.error;
  const { mutate } = again;
  useEffect(() => {
    const seconds = started ? null : shortWait(problem);
    if (seconds === null) return;
    const timer = setTimeout(() => mutate(), seconds * 1_000);
    return () => clearTimeout(timer);
  }, [started, problem, mutate]);
  if (started && "actId" in started) return <ManyReruns projectId={projectId} id={started.actId} />;
  if (started) return <OneRerun {...{ projectId, jobName, onRepairAgain }} id={started.runId} />;
  if (!problem) return <p role="status">Starting the rerun…</p>;
  const waitSeconds = shortWait(problem);
  if (waitSeconds !== null)
    return (
      <p role="status">
        {jobName} was started for this message a moment ago. It is rerun in {waitSeconds} s, while this is
        open.
      </p>
    );
  return (
    <div className="grid justify-items-start gap-2">
      <p role="alert" data-status="failed" className="text-(--status) [overflow-wrap:anywhere]">
        The rerun was not started: {problem.message}
      </p>
      <Button size="sm" variant="outline" disabled={again.isPending} onClick={() => again.mutate()}>
        Start the rerun
      </Button>
    </div>
  );
}

/** The ten seconds between two starts of a job for a message are waited for; what lasts longer is said. */
const longestWaitSeconds = 15;

function shortWait(problem: Error | null): number | null {
  if (!(problem instanceof ApiError)) return null;
  const { retryAfterSeconds = Number.POSITIVE_INFINITY } = problem;
  return retryAfterSeconds <= longestWaitSeconds ? retryAfterSeconds : null;
}

const lookMs = 1_000;

type OneProps = Pick<Props, "projectId" | "onRepairAgain"> & { id: string; jobName: string };

function OneRerun({ projectId, id, jobName, onRepairAgain }: OneProps) {
  const { data: run } = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/runs/[id]", { params: { project: projectId, id }, signal }),
    refetchInterval: ({ state }) => (state.data?.finishedAt ? false : lookMs),
  });
  const hasFailed = run?.finishedAt && run.state !== "success";
  const failed =
    hasFailed &&
    run.detailedSteps.find((one) => !one.linked && one.exitReason !== null && one.exitReason !== "success");
  return (
    <section aria-label="The rerun" className="grid gap-2.5 rounded-lg border bg-card p-4">
      <div role="status" className="flex flex-wrap items-center gap-2">
        {run ? <ExplainedRun run={run} /> : null}
        <p>
          {!run?.finishedAt
            ? `${jobName} is run again. It goes on when this is closed.`
            : hasFailed
              ? (run.errorMessage ?? "It has not succeeded.")
              : "It has succeeded."}
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <Link href={`/p/${projectId}/runs/${id}`} className="text-accent underline">
          The run
        </Link>
        {failed ? (
          <Button size="sm" onClick={() => onRepairAgain({ runId: id, stepId: failed.id })}>
            Repair {failed.jobName} again
          </Button>
        ) : null}
      </div>
    </section>
  );
}

function ManyReruns({ projectId, id }: { projectId: string; id: string }) {
  const { data: act } = useQuery({
    queryKey: ["bulk-act", projectId, id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/bulk-acts/[id]", { params: { project: projectId, id }, signal }),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : lookMs),
  });
  if (!act) return <p role="status">Starting the reruns…</p>;
  const wait = waiting(act);
  return (
    <section aria-label="The reruns" className="grid gap-2.5">
      <p role="status" className="font-medium">
        {outcomeOfAct(act)}
      </p>
      <ActProgress projectId={projectId} act={act} />
      {wait ? <p className="text-muted-foreground text-sm">{wait}</p> : null}
      {act.problem ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {act.problem}
        </p>
      ) : null}
      <p className="text-sm">
        <Link href={`/p/${projectId}/bulk/${act.id}`} className="text-accent underline">
          All about these reruns
        </Link>
        {isOver(act) ? "" : ". They go on when this is closed."}
      </p>
    </section>
  );
}
