"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { TextDifferenceView } from "@/components/code/text-difference";
import { useEditorPlace } from "@/components/editor/store";
import { Skeleton } from "@/components/ui/skeleton";
import type { ReplayChange } from "@/lib/domain/test-run/types";
import { changeWords } from "./replay";
import { listed } from "./test-words";

/** What the saved version gives for the same input, beside what this job of the test gave. */
export function Compared({ testId, jobId }: { testId: string; jobId: string }) {
  const { projectId, workflowId } = useEditorPlace();
  const { data, error } = useQuery({
    queryKey: ["compared-test", testId],
    queryFn: ({ signal }) =>
      api("POST /api/projects/[project]/workflows/[id]/tests/[test]/compare", {
        params: { project: projectId, id: workflowId, test: testId },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (error)
    return (
      <p role="alert" data-status="failed" className="text-(--status)">
        {error.message}
      </p>
    );
  if (!data)
    return (
      <div role="status">
        <p className="text-muted-foreground">Running the saved version on the same input. Nothing is sent.</p>
        <Skeleton className="mt-2 h-24" />
      </div>
    );
  if (data.problem) return <p className="text-muted-foreground">{data.problem}</p>;
  const own = data.changes.filter((change) => change.jobId === jobId);
  const others = [
    ...new Set(data.changes.filter((change) => change.jobId !== jobId).map(({ jobName }) => jobName)),
  ];
  const unsteady = data.unsteady.filter((one) => one.jobId === jobId).map(({ what }) => what);
  return (
    <div className="grid grid-cols-1 gap-3">
      {own.length === 0 ? (
        <p>Version {data.lockVersion} gives the same here: end, output and requests.</p>
      ) : (
        own.map((change) => <Change key={change.what} change={change} />)
      )}
      {unsteady.length > 0 ? (
        <p className="text-muted-foreground">
          Not steady, and left out: version {data.lockVersion} gives another {listed(unsteady)} at every run.
        </p>
      ) : null}
      {others.length > 0 ? (
        <p className="text-muted-foreground">There are differences in {listed(others)}, too.</p>
      ) : null}
    </div>
  );
}

function Change({ change }: { change: ReplayChange }) {
  const words = changeWords(change);
  return (
    <div className="grid grid-cols-1 gap-1">
      <p>{words}</p>
      {change.difference ? <TextDifferenceView difference={change.difference} label={words} /> : null}
    </div>
  );
}
