"use client";
import { useState } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { Gone } from "./gone";
import { Outcome } from "./outcome";
import { SaveStage } from "./save-stage";
import type { Done } from "./start-rerun";
import { useCode } from "./use-code";
import { type Present, type RepairTarget, useRepairable } from "./use-repair";
import { WorkStage } from "./work-stage";

type Props = {
  projectId: string;
  target: RepairTarget;
  mayRerun: boolean;
  onClose: () => void;
  /** It has failed again, elsewhere. */
  onRepairAgain: (target: RepairTarget) => void;
};

/** Loads what failed, then lets it be repaired. */
export function RepairSheet(props: Props) {
  const { repairable, error, reload } = useRepairable(props.projectId, props.target);
  if (error)
    return (
      <p role="alert" data-status="failed" className="text-(--status)">
        {error}
      </p>
    );
  if (!repairable)
    return (
      <div role="status" className="grid gap-3">
        <span className="sr-only">Loading the job</span>
        <Skeleton className="h-16" />
        <Skeleton className="h-64" />
      </div>
    );
  const { workflow, job } = repairable;
  if (!workflow || !job) return <Gone projectId={props.projectId} repairable={repairable} />;
  return <Stages {...props} repairable={{ ...repairable, workflow, job }} reload={reload} />;
}

/** One after another: the code, what saving it means, what became of it. */
function Stages({
  projectId,
  repairable,
  mayRerun,
  reload,
  onClose,
  onRepairAgain,
}: Omit<Props, "target"> & { repairable: Present; reload: () => Promise<unknown> }) {
  const code = useCode(repairable.workflow, repairable.job);
  const [stage, setStage] = useState<"work" | "save">("work");
  const [done, setDone] = useState<Done | null>(null);
  if (done) return <Outcome {...{ projectId, repairable, done, onClose, onRepairAgain }} />;
  if (stage === "save")
    return (
      <SaveStage
        {...{ projectId, repairable, code, mayRerun, reload }}
        onBack={() => setStage("work")}
        onDone={setDone}
      />
    );
  return <WorkStage {...{ projectId, repairable, code, mayRerun }} onSave={() => setStage("save")} />;
}
