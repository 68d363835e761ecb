import { triggerName } from "@/components/workflows/edge-words";
import type { DraftGraph } from "@/lib/editor/graph";

/** Says what items of a draft are called; null: the workflow. */
export function itemNames(draft: DraftGraph): (id: string | null) => string {
  const names = new Map<string, string>();
  for (const { id, type } of draft.triggers) names.set(id, triggerName(type));
  for (const { id, name } of draft.jobs) names.set(id, name.trim() || "Job without a name");
  const node = (id: string | null) => names.get(id ?? "") ?? "something that is gone";
  for (const { id, sourceJobId, sourceTriggerId, targetJobId } of draft.edges)
    names.set(id, `${node(sourceJobId ?? sourceTriggerId)} to ${node(targetJobId)}`);
  return (id) => (id === null ? "Workflow" : node(id));
}

/** What one item of a draft is called; null: the workflow. */
export const itemName = (draft: DraftGraph, id: string | null): string => itemNames(draft)(id);
