"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import type { RepairTarget } from "./use-repair";

const RepairSheet = dynamic(() => import("./repair-sheet").then((module) => module.RepairSheet), {
  ssr: false,
  loading: () => <Skeleton className="h-64" />,
});

type Props = {
  projectId: string;
  /** Null: it is closed. */
  target: RepairTarget | null;
  jobName: string | undefined;
  mayRerun: boolean;
  onClose: () => void;
};

/** The repair of a failed step, on the page that shows it: code, input, error, trying, saving, and what is rerun. */
export function RepairDialog({ projectId, target, jobName, mayRerun, onClose }: Props) {
  return (
    <Dialog open={target !== null} onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      {target ? (
        <DialogContent title={jobName ? `Repair ${jobName}` : "Repair"} placement="full">
          <Targeted {...{ projectId, target, mayRerun, onClose }} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

/** What fails again after a repair is repaired in the same place. */
function Targeted({ target: first, ...props }: Omit<Props, "target" | "jobName"> & { target: RepairTarget }) {
  const [target, setTarget] = useState(first);
  return <RepairSheet key={target.stepId} {...props} target={target} onRepairAgain={setTarget} />;
}
