import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import type { WorkflowTrigger } from "@/lib/domain/workflow/list";
import { Cell } from "./cell";

const link =
  "underline decoration-input underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current";

/** The job of another workflow whose end starts this one. */
export function Source({ projectId, source }: { projectId: string; source: WorkflowTrigger["source"] }) {
  return (
    <dl className="note-grid grid-cols-1">
      <Cell name="Follows">
        {source ? (
          <>
            <Link
              href={`/p/${projectId}/workflows/${source.workflowId}?node=${source.jobId}`}
              className={link}
            >
              {source.jobName}
            </Link>{" "}
            <span className="text-muted-foreground">of {source.workflowName}</span>
          </>
        ) : (
          "a job that is not there any more: it starts nothing"
        )}
      </Cell>
    </dl>
  );
}

type FollowersProps = { projectId: string; followers: WorkflowDetail["followers"] };

/** The workflows that start when this job has ended; nothing when there are none. */
export function Followers({ projectId, followers }: FollowersProps) {
  if (followers.length === 0) return null;
  return (
    <dl className="note-grid grid-cols-1">
      <Cell name="Its end starts">
        <ul className="grid gap-1">
          {followers.map(({ triggerId, type, enabled, workflowId, workflowName }) => (
            <li key={triggerId} className="flex flex-wrap items-center gap-2">
              <Link href={`/p/${projectId}/workflows/${workflowId}?node=${triggerId}`} className={link}>
                {workflowName}
              </Link>
              <span className="text-muted-foreground">
                {type === "flow" ? "after a success" : "after a failure"}
              </span>
              {enabled ? null : <Badge>switched off</Badge>}
            </li>
          ))}
        </ul>
      </Cell>
    </dl>
  );
}
