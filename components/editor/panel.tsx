"use client";
import { EdgePanel } from "./edge-panel";
import { JobPanel } from "./job-panel";
import { useDraft, useEditor } from "./store";
import { TriggerPanel } from "./trigger-panel";
import { WorkflowPanel } from "./workflow-panel";

/** Everything about what is selected. */
export function Panel() {
  const { triggers, jobs, edges } = useDraft();
  const selected = useEditor((state) => state.selected);
  if (selected.kind === "workflow") return <WorkflowPanel />;
  const of = ({ id }: { id: string }) => id === selected.id;
  const [trigger, job, edge] = [triggers.find(of), jobs.find(of), edges.find(of)];
  if (trigger) return <TriggerPanel key={trigger.id} trigger={trigger} />;
  if (job) return <JobPanel key={job.id} job={job} />;
  return edge ? <EdgePanel key={edge.id} edge={edge} /> : null;
}
