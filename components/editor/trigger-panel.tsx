"use client";
import type { DraftTrigger } from "@/lib/editor/graph";

/** Everything about one trigger of the draft. */
export function TriggerPanel({ trigger }: { trigger: DraftTrigger }) {
  return <p className="font-mono text-xs">{trigger.id}</p>;
}
