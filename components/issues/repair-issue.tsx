"use client";
import { Wrench } from "lucide-react";
import { useRepairDialog } from "@/components/repair/use-repair-dialog";
import { Button } from "@/components/ui/button";

type Props = {
  projectId: string;
  /** Null: there is none to repair any more. What is being repaired stays open. */
  step: { id: string; runId: string; jobName: string } | null;
  mayRerun: boolean;
};

/** Repairs the job of an issue where its newest failure is. */
export function RepairIssue({ projectId, step, mayRerun }: Props) {
  const { repair, dialog } = useRepairDialog({ projectId, mayRerun });
  return (
    <>
      {step ? (
        <Button variant="outline" onClick={() => repair(step)}>
          <Wrench aria-hidden /> Repair {step.jobName}
        </Button>
      ) : null}
      {dialog}
    </>
  );
}
