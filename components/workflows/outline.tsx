"use client";
import { CornerDownRight } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { LacksAdaptor, StatusChip, stepStatus } from "@/components/ui/status-chip";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { jobsInOrder } from "@/lib/editor/outline";
import type { Edge, TriggerNode } from "@/lib/workflow/types";
import { edgeWords, triggerName } from "./edge-words";
import { TriggerIcon } from "./trigger-icon";

export type OutlineProps = {
  workflow: WorkflowDetail;
  selectedId: string | null;
  onSelect: (nodeId: string) => void;
};

const row =
  "flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-muted aria-pressed:bg-accent-soft";

/** The graph as a list: what starts it, then every job with the edges that lead to it. */
export function Outline({ workflow, selectedId, onSelect }: OutlineProps) {
  const { graph, jobs } = workflow;
  const nameOf = (edge: Edge) => {
    const trigger = graph.triggers.find((one) => one.id === edge.sourceTriggerId);
    return trigger
      ? triggerName(trigger.type)
      : (graph.jobs.find((job) => job.id === edge.sourceJobId)?.name ?? "");
  };
  return (
    <ol className="grid gap-0.5">
      {graph.triggers.map((trigger) => (
        <li key={trigger.id}>
          <button
            type="button"
            aria-pressed={trigger.id === selectedId}
            onClick={() => onSelect(trigger.id)}
            className={cn(row, "items-start")}
          >
            <TriggerIcon type={trigger.type} className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
            <span className="grid min-w-0">
              <span className="font-medium">{triggerName(trigger.type)}</span>
              <TriggerDetail of={workflow.triggers.find(({ id }) => id === trigger.id)} {...{ trigger }} />
            </span>
            <span className="ml-auto shrink-0 text-muted-foreground text-xs">
              {trigger.enabled ? "switched on" : "switched off"}
            </span>
          </button>
        </li>
      ))}
      {jobsInOrder(graph, jobs).map((job) => (
        <li key={job.id}>
          <button
            type="button"
            aria-pressed={job.id === selectedId}
            onClick={() => onSelect(job.id)}
            className={cn(row, "items-start")}
          >
            <CornerDownRight aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
            <span className="grid min-w-0">
              <span className="font-medium">{job.name}</span>
              {graph.edges
                .filter((edge) => edge.targetJobId === job.id)
                .map((edge) => (
                  <span key={edge.id} className="truncate text-muted-foreground text-xs">
                    {after(nameOf(edge))}, {edgeWords(edge)}
                  </span>
                ))}
            </span>
            <span className="ml-auto flex shrink-0 flex-wrap items-center justify-end gap-x-2 gap-y-1">
              {job.lacksAdaptor ? <LacksAdaptor /> : null}
              {job.last ? (
                <StatusChip status={stepStatus(job.last)} />
              ) : (
                <span className="text-muted-foreground text-xs">never ran</span>
              )}
            </span>
          </button>
        </li>
      ))}
      {jobs.length === 0 ? <li className="px-2 text-muted-foreground">This workflow has no job.</li> : null}
    </ol>
  );
}

/** "after Payment"; the triggers that follow another workflow's job are called "After a success" already. */
const after = (name: string) => (name.startsWith("After ") ? `a${name.slice(1)}` : `after ${name}`);

type DetailProps = { trigger: TriggerNode; of: WorkflowDetail["triggers"][number] | undefined };

/** What tells a trigger from others of its type. */
function TriggerDetail({ trigger, of }: DetailProps) {
  const words =
    trigger.type === "cron"
      ? `${of?.cronExpression ?? trigger.cronExpression} (${trigger.timeZone ?? "UTC"})`
      : of?.source
        ? `of ${of.source.jobName} in ${of.source.workflowName}`
        : trigger.customPath;
  return words ? <span className="truncate text-muted-foreground text-xs">{words}</span> : null;
}
