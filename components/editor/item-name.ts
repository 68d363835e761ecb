import { triggerName } from "@/components/workflows/edge-words";
import type { DraftEdge, DraftGraph } from "@/lib/editor/graph";

/** What an item of the draft is called; null: the workflow. */
export function itemName(draft: DraftGraph, id: string | null): string {
  if (id === null) return "Workflow";
  const job = draft.jobs.find((one) => one.id === id);
  if (job) return job.name.trim() || "Job without a name";
  const trigger = draft.triggers.find((one) => one.id === id);
  if (trigger) return triggerName(trigger.type);
  const edge = draft.edges.find((one) => one.id === id);
  return edge ? edgeName(draft, edge) : "Something that is gone";
}

/** `Registry → Tell somebody` */
export const edgeName = (draft: DraftGraph, edge: DraftEdge): string =>
  `${itemName(draft, edge.sourceJobId ?? edge.sourceTriggerId)} → ${itemName(draft, edge.targetJobId)}`;
