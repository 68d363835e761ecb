import { ArrowRight, LifeBuoy } from "lucide-react";
import { triggerName } from "@/components/workflows/edge-words";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import type { DraftGraph } from "@/lib/editor/graph";

type Parts = Pick<DraftGraph, "triggers" | "jobs" | "edges">;

const chip = "inline-flex items-center gap-1 rounded-md border bg-card px-1.5 py-0.5 text-xs";

/** A small workflow at a glance: what starts it, the jobs in their order, and what follows a failure. */
export function TemplateOutline({ parts }: { parts: Parts }) {
  const [trigger] = parts.triggers;
  if (!trigger) return null;
  const caught = parts.edges.filter(({ conditionType }) => conditionType === "on_job_failure");
  const isCaught = (id: string) => caught.some(({ targetJobId }) => targetJobId === id);
  const nameOf = (id: string | null) => parts.jobs.find((job) => job.id === id)?.name ?? "";
  return (
    <div className="grid gap-1.5 text-muted-foreground">
      <ol className="flex flex-wrap items-center gap-1">
        <li className={chip}>
          <TriggerIcon type={trigger.type} className="size-3.5" /> {triggerName(trigger.type)}
        </li>
        {parts.jobs
          .filter(({ id }) => !isCaught(id))
          .map((job) => (
            <li key={job.id} className="flex items-center gap-1">
              <ArrowRight aria-label="then" className="size-3.5" />
              <span className={chip}>{job.name}</span>
            </li>
          ))}
      </ol>
      {caught.map((edge) => (
        <p key={edge.id} className="flex flex-wrap items-center gap-1 text-xs">
          <LifeBuoy aria-hidden className="size-3.5" /> if {nameOf(edge.sourceJobId)} fails
          <ArrowRight aria-hidden className="size-3.5" />
          <span className={chip}>{nameOf(edge.targetJobId)}</span>
        </p>
      ))}
    </div>
  );
}
