"use client";
import type { DraftEdge } from "@/lib/editor/graph";

/** Everything about one edge of the draft. */
export function EdgePanel({ edge }: { edge: DraftEdge }) {
  return <p className="font-mono text-xs">{edge.id}</p>;
}
