"use client";
import { Trash2, Undo2 } from "lucide-react";
import { useEffect } from "react";
import { api } from "@/components/api";
import { liveSource } from "@/components/live/source";
import { streamEnded } from "@/components/live/use-live";
import { Button } from "@/components/ui/button";
import { formatDay } from "@/components/ui/format";
import { NoticeBar } from "@/components/ui/notice-bar";
import { toast } from "@/components/ui/toast";
import { useApi } from "@/components/use-api";

type Props = { projectId: string; name: string; deletesAt: string; canUndo: boolean };

/** Above every page of a project that is being deleted: until when it can be undone, and by whom. */
export function ClosingNotice({ projectId, name, deletesAt, canUndo }: Props) {
  // What stays as it is needs no stream.
  useEffect(() => {
    const goOn = liveSource(projectId).rest();
    return () => {
      toast.dismiss(streamEnded);
      goOn();
    };
  }, [projectId]);
  return (
    <NoticeBar
      label={`${name} is being deleted`}
      icon={Trash2}
      isGrave
      says={`${name} is deleted for good on ${formatDay(deletesAt)}.`}
      act={canUndo ? <UndoDeletion projectId={projectId} name={name} /> : null}
    >
      It accepts, starts and changes nothing any more; everything can be read until then.{" "}
      {canUndo
        ? "Runs that were waiting are cancelled: after an undo, rerun them."
        : "Its owner can undo that."}
    </NoticeBar>
  );
}

/** Takes a project's deletion back. */
export function UndoDeletion({ projectId, name }: Pick<Props, "projectId" | "name">) {
  const undo = useApi({
    send: () => api("POST /api/projects/[project]/restore", { params: { project: projectId } }),
    message: `${name} is back.`,
  });
  return (
    <Button
      variant="outline"
      className="relative"
      disabled={undo.isPending}
      onClick={() => undo.mutate(undefined)}
    >
      <Undo2 aria-hidden /> Undo deletion
    </Button>
  );
}
