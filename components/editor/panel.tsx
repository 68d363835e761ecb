"use client";
import type { Item } from "@/lib/editor/graph";
import { EdgePanel } from "./edge-panel";
import { JobPanel } from "./job-panel";
import { useDraft } from "./store";
import { TriggerPanel } from "./trigger-panel";
import { WorkflowPanel } from "./workflow-panel";

/** Everything about what is selected. */
export function Panel({ selected }: { selected: Item }) {
  const { triggers, jobs, edges } = useDraft();
  if (selected.kind === "workflow") return <WorkflowPanel />;
  const of = ({ id }: { id: string }) => id === selected.id;
  const [trigger, job, edge] = [triggers.find(of), jobs.find(of), edges.find(of)];
  if (trigger) return <TriggerPanel key={trigger.id} trigger={trigger} />;
  if (job) return <JobPanel key={job.id} job={job} />;
  return edge ? <EdgePanel key={edge.id} edge={edge} /> : null;
}
