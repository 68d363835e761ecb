import Link from "next/link";
import { StatusChip } from "@/components/ui/status-chip";
import type { RunDetail } from "@/lib/domain/run/types";

const link =
  "underline decoration-input underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current";

/** The run of another workflow that started this one, and those that this one started; nothing when there are none. */
export function Causes({ run: { projectId, causedBy, caused } }: { run: RunDetail }) {
  if (!causedBy && caused.length === 0) return null;
  const runs = `/p/${projectId}/runs`;
  return (
    <ul className="grid gap-1 rounded-md border bg-card px-3.5 py-2.5" aria-label="Other workflows">
      {causedBy ? (
        <li>
          Started by the end of {causedBy.jobName} in{" "}
          <Link href={`${runs}/${causedBy.runId}?step=${causedBy.stepId}`} className={link}>
            a run of {causedBy.workflowName}
          </Link>
        </li>
      ) : null}
      {caused.map(({ runId, stepId, jobName, workflowId, workflowName, type, state }) => (
        <li key={`${stepId} ${workflowId} ${runId}`} className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0">
            The {type === "catch" ? "failure" : "success"} of {jobName}{" "}
            {runId ? (
              <>
                started{" "}
                <Link href={`${runs}/${runId}`} className={link}>
                  a run of {workflowName}
                </Link>
              </>
            ) : (
              `would have started ${workflowName}, for which the project's plan had no run left`
            )}
          </span>
          <StatusChip status={state} />
        </li>
      ))}
    </ul>
  );
}
