"use client";
import { InputChooser } from "./run/input-chooser";
import { useChoice, useShown } from "./run/use-input";

/** Trying the draft: the input that it is tried on. `jobId`: of one job alone. */
export function RunPanel({ jobId }: { jobId: string | null }) {
  const choice = useChoice();
  const shown = useShown(choice);
  return <InputChooser jobId={jobId} choice={choice} shown={shown} />;
}
