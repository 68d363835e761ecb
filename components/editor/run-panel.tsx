"use client";
import { useDraft } from "./store";

/** Trying the draft: the input, what is run of it, and what came of it. `jobId`: of one job alone. */
export function RunPanel({ jobId }: { jobId: string | null }) {
  const { jobs } = useDraft();
  return <p>{jobs.find(({ id }) => id === jobId)?.name}</p>;
}
