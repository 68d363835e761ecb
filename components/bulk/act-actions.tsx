"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CirclePause, CirclePlay, OctagonX, Undo2 } from "lucide-react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { formatCount } from "@/components/ui/format";
import { toast } from "@/components/ui/toast";
import type { BulkActDetail } from "@/lib/domain/bulk/schemas";

type Act = "pause" | "resume" | "abort" | "undo";
type Props = { projectId: string; act: BulkActDetail };

/** Pause, resume, abort and undo, each where it can be done. */
export function ActActions({ projectId, act }: Props) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (what: Act) => {
      const params = { project: projectId, id: act.id };
      if (what === "pause") return api("POST /api/projects/[project]/bulk-acts/[id]/pause", { params });
      if (what === "resume") return api("POST /api/projects/[project]/bulk-acts/[id]/resume", { params });
      if (what === "abort") return api("POST /api/projects/[project]/bulk-acts/[id]/abort", { params });
      return api("POST /api/projects/[project]/bulk-acts/[id]/undo", { params });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["bulk-act", projectId, act.id] }),
    onError: (error) => toast.error(error.message),
  });
  const isOpen = act.state === "running" || act.state === "paused";
  const unstarted = act.runStates.find(({ state }) => state === "pending")?.count ?? 0;
  const canUndo = act.kind !== "cancel" && act.state !== "undoing" && act.state !== "undone" && unstarted > 0;
  return (
    <>
      {act.state === "running" ? (
        <Button variant="outline" disabled={change.isPending} onClick={() => change.mutate("pause")}>
          <CirclePause aria-hidden /> Pause
        </Button>
      ) : null}
      {act.state === "paused" ? (
        <Button variant="outline" disabled={change.isPending} onClick={() => change.mutate("resume")}>
          <CirclePlay aria-hidden /> Resume
        </Button>
      ) : null}
      {isOpen ? (
        <Confirm
          trigger={
            <Button variant="outline" disabled={change.isPending}>
              <OctagonX aria-hidden /> Abort
            </Button>
          }
          title={`Abort ${act.name}?`}
          description="It does nothing more, and cannot be resumed. What it has queued is carried out all the same."
          action="Abort"
          cancel="Let it go on"
          destructive
          onConfirm={() => change.mutate("abort")}
        />
      ) : null}
      {canUndo ? (
        <Confirm
          trigger={
            <Button variant="outline" disabled={change.isPending}>
              <Undo2 aria-hidden /> Undo
            </Button>
          }
          title={`Take back ${formatCount(unstarted, "run")}?`}
          description="The act ends, and what it has queued and has not started is cancelled: those work orders stand as they did before. What has started goes on."
          action="Take them back"
          cancel="Let them start"
          destructive
          onConfirm={() => change.mutate("undo")}
        />
      ) : null}
    </>
  );
}
