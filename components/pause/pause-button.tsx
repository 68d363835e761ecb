"use client";
import { useQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useState } from "react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import { waitingWords } from "./words";

type Props = {
  projectId: string;
  /** Without one it is the project. */
  workflowId?: string;
  name: string;
  isPaused: boolean;
};

/** Pauses a workflow or a project, or lets it go on: says first what waits and runs there now. */
export function PauseButton({ projectId, workflowId, name, isPaused }: Props) {
  const [isOpen, setOpen] = useState(false);
  const project = { project: projectId };
  const { data } = useQuery({
    queryKey: ["waiting", projectId, workflowId ?? null],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/waiting", {
        params: project,
        query: { workflowId: workflowId ?? null },
        signal,
      }),
    enabled: isOpen,
    gcTime: 0,
  });
  const change = useApi({
    send: () => {
      if (workflowId) {
        const params = { ...project, id: workflowId };
        return isPaused
          ? api("POST /api/projects/[project]/workflows/[id]/resume", { params })
          : api("POST /api/projects/[project]/workflows/[id]/pause", { params });
      }
      return isPaused
        ? api("POST /api/projects/[project]/resume", { params: project })
        : api("POST /api/projects/[project]/pause", { params: project });
    },
    message: isPaused ? `${name} goes on.` : `${name} is paused.`,
  });
  return (
    <Confirm
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button variant="outline" disabled={change.isPending}>
          {isPaused ? <Play aria-hidden /> : <Pause aria-hidden />} {isPaused ? "Resume" : "Pause"}
          {workflowId ? null : " project"}
          <span className="sr-only"> {name}</span>
        </Button>
      }
      title={isPaused ? `Resume ${name}?` : `Pause ${name}?`}
      description={
        <>
          <p>
            {isPaused
              ? "The runs that were kept start now, in the order in which they came."
              : "Messages are accepted and answered as before, and their runs are kept. What runs now ends as usual; nothing else starts."}
          </p>
          <p className="nums mt-2" aria-live="polite">
            {data ? waitingWords(data) : "Counting what waits …"}
          </p>
        </>
      }
      action={isPaused ? "Resume" : "Pause"}
      onConfirm={() => change.mutate(undefined)}
    />
  );
}
