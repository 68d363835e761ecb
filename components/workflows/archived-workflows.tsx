import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WorkflowRow } from "@/lib/domain/workflow/list";
import { actedOn } from "./acts/acted-on";
import { WorkflowMenu } from "./acts/workflow-menu";

type Props = {
  projectId: string;
  workflows: WorkflowRow[];
  nextCursor: string | null;
  /** From the beginning: somebody is leafing through them. */
  isOpen: boolean;
  mayWrite: boolean;
};

/** What was put away: apart from what is in use, and folded up. */
export function ArchivedWorkflows({ projectId, workflows, nextCursor, isOpen, mayWrite }: Props) {
  if (workflows.length === 0) return null;
  return (
    <details open={isOpen} className="group mt-8">
      <summary className="flex w-fit cursor-pointer list-none items-center gap-1.5 rounded-md py-1 pr-2">
        <ChevronRight aria-hidden className="size-4 group-open:rotate-90" />
        <h2 className="font-semibold text-[15px]">Archived workflows</h2>
        <span className="nums text-muted-foreground text-xs">
          {workflows.length}
          {nextCursor || isOpen ? " shown" : ""}
        </span>
      </summary>
      <p className="mt-1 mb-3 text-muted-foreground">
        They are switched off and out of the way. What they did stays in the history.
      </p>
      <ul className="divide-y rounded-lg border bg-card">
        {workflows.map((workflow) => (
          <li key={workflow.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
            <Link
              href={`/p/${projectId}/workflows/${workflow.id}`}
              className="min-w-0 font-medium underline decoration-input underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current"
            >
              {workflow.name}
            </Link>
            <span className="nums text-muted-foreground text-xs">
              archived {workflow.archivedAt ? <RelativeTime value={workflow.archivedAt} /> : null}
            </span>
            {mayWrite ? (
              <WorkflowMenu projectId={projectId} workflow={actedOn(workflow)} className="ml-auto" />
            ) : null}
          </li>
        ))}
      </ul>
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-3">
          <Link href={`/p/${projectId}/workflows?archived=${nextCursor}`}>More archived workflows</Link>
        </Button>
      ) : null}
    </details>
  );
}
