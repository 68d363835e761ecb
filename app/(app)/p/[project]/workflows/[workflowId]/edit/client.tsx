"use client";
import { EdgePanel } from "@/components/editor/edge-panel";
import { JobPanel } from "@/components/editor/job-panel";
import { RunPanel } from "@/components/editor/run-panel";
import { type EditorPlace, EditorProvider, useDraft, useEditor } from "@/components/editor/store";
import { TriggerPanel } from "@/components/editor/trigger-panel";
import { WorkflowPanel } from "@/components/editor/workflow-panel";
import type { DraftGraph } from "@/lib/editor/graph";

export function EditClient({ place, graph }: { place: EditorPlace; graph: DraftGraph }) {
  return (
    <EditorProvider place={place} graph={graph}>
      <Panel />
    </EditorProvider>
  );
}

function Panel() {
  const { triggers, jobs, edges } = useDraft();
  const selected = useEditor((state) => state.selected);
  if (selected.kind === "workflow") return <WorkflowPanel />;
  const trigger = triggers.find(({ id }) => id === selected.id);
  if (trigger) return <TriggerPanel key={trigger.id} trigger={trigger} />;
  const edge = edges.find(({ id }) => id === selected.id);
  if (edge) return <EdgePanel key={edge.id} edge={edge} />;
  const job = jobs.find(({ id }) => id === selected.id);
  if (!job) return null;
  return (
    <>
      <JobPanel key={job.id} job={job} />
      <RunPanel jobId={job.id} />
    </>
  );
}
