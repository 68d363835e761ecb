"use client";
import { Trash2, Undo2 } from "lucide-react";
import { useEffect } from "react";
import { api } from "@/components/api";
import { liveSource } from "@/components/live/source";
import { streamEnded } from "@/components/live/use-live";
import { Button } from "@/components/ui/button";
import { formatDay } from "@/components/ui/format";
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
    <section
      aria-label={`${name} is being deleted`}
      className="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-destructive/50 bg-card px-4 py-3"
    >
      <Trash2 aria-hidden className="size-5 text-destructive" />
      <p className="min-w-0 flex-1 basis-60 leading-relaxed">
        <strong className="font-semibold">
          {name} is deleted for good on {formatDay(deletesAt)}.
        </strong>{" "}
        It accepts, starts and changes nothing any more; everything can be read until then.{" "}
        {canUndo
          ? "Runs that were waiting are cancelled: after an undo, rerun them."
          : "Its owner can undo that."}
      </p>
      {canUndo ? <UndoDeletion projectId={projectId} name={name} /> : null}
    </section>
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
