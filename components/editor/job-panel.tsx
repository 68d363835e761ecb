"use client";
import type { DraftJob } from "@/lib/editor/graph";

/** Everything about one job of the draft. */
export function JobPanel({ job }: { job: DraftJob }) {
  return <p className="font-mono text-xs">{job.id}</p>;
}
