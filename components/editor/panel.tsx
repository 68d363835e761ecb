"use client";
import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";
import type { Item } from "@/lib/editor/graph";
import { useDraft } from "./store";
import { WorkflowPanel } from "./workflow-panel";

const load = {
  trigger: () => import("./trigger-panel"),
  job: () => import("./job-panel"),
  edge: () => import("./edge-panel"),
};

/** Loads every panel: somebody is about to choose what one of them shows. */
export const loadPanels = () => void Promise.allSettled(Object.values(load).map((panel) => panel()));

const loading = () => <Skeleton className="h-80" />;
const TriggerPanel = dynamic(() => load.trigger().then((module) => module.TriggerPanel), {
  ssr: false,
  loading,
});
const JobPanel = dynamic(() => load.job().then((module) => module.JobPanel), { ssr: false, loading });
const EdgePanel = dynamic(() => load.edge().then((module) => module.EdgePanel), { ssr: false, loading });

/** Everything about what is selected. Of the panels that is loaded which is shown. */
export function Panel({ selected }: { selected: Item }) {
  const { triggers, jobs, edges } = useDraft();
  if (selected.kind === "workflow") return <WorkflowPanel />;
  const of = ({ id }: { id: string }) => id === selected.id;
  const [trigger, job, edge] = [triggers.find(of), jobs.find(of), edges.find(of)];
  if (trigger) return <TriggerPanel key={trigger.id} trigger={trigger} />;
  if (job) return <JobPanel key={job.id} job={job} />;
  return edge ? <EdgePanel key={edge.id} edge={edge} /> : null;
}
