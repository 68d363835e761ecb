"use client";
import { type ReactNode, useState } from "react";
import type { StepSummary } from "@/lib/domain/run/types";
import { RepairDialog } from "./repair-dialog";

type Failed = Pick<StepSummary, "exitReason" | "linked">;

/** Whether a step ended so that somebody may have to repair its job: what was cancelled did not fail. */
export const isRepairable = ({ exitReason, linked }: Failed): boolean =>
  !linked && exitReason !== null && exitReason !== "success" && exitReason !== "cancel";

type Repaired = Pick<StepSummary, "id" | "runId" | "jobName">;

/** Repairs failed steps of the page in a dialog; `dialog` goes anywhere on it. */
export function useRepairDialog({ projectId, mayRerun }: { projectId: string; mayRerun: boolean }): {
  repair: (step: Repaired) => void;
  dialog: ReactNode;
} {
  const [step, setStep] = useState<Repaired | null>(null);
  return {
    repair: setStep,
    dialog: (
      <RepairDialog
        {...{ projectId, mayRerun }}
        target={step && { runId: step.runId, stepId: step.id }}
        jobName={step?.jobName}
        onClose={() => setStep(null)}
      />
    ),
  };
}
