import Link from "next/link";
import { Button } from "@/components/ui/button";
import type { Repairable } from "./use-repair";

/** The job cannot be repaired where it is: it is there no more. Says so, and leads to what is nearest. */
export function Gone({ projectId, repairable }: { projectId: string; repairable: Repairable }) {
  const { run, step, workflow } = repairable;
  const place = `/p/${projectId}/workflows/${run.workflowId}`;
  const { lockVersion } = run.snapshot;
  return (
    <div className="grid justify-items-start gap-3">
      {workflow ? (
        <p className="max-w-prose">
          {step.jobName} is not in version {workflow.lockVersion} of {run.workflowName} any more. It ran in
          version {lockVersion}: see what has changed since and restore it, or make the job anew in the
          editor.
        </p>
      ) : (
        <p className="max-w-prose">
          {run.workflowName} was deleted. Its versions are kept: restore version {lockVersion}, in which{" "}
          {step.jobName} ran, then repair it.
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button asChild>
          <Link href={`${place}/versions?from=${lockVersion}&to=${workflow?.lockVersion ?? lockVersion}`}>
            {workflow ? "What changed since" : "Its versions"}
          </Link>
        </Button>
        {workflow ? (
          <Button asChild variant="outline">
            <Link href={`${place}/edit`}>Open in the editor</Link>
          </Button>
        ) : null}
      </div>
    </div>
  );
}
