"use client";
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { api } from "@/components/api";
import { waitingWords } from "@/components/pause/words";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";

type Props = { projectId: string; workflowId: string; name: string };

/** Deletes a workflow: says first what becomes of its runs, and what waits and runs there now. */
export function DeleteButton({ projectId, workflowId, name }: Props) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery({
    queryKey: ["waiting", projectId, workflowId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/waiting", {
        params: { project: projectId },
        query: { workflowId },
        signal,
      }),
    enabled: isOpen,
    gcTime: 0,
  });
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/workflows/[id]", {
        params: { project: projectId, id: workflowId },
      }),
    message: `${name} is deleted. It can be restored.`,
    done: () => router.push(`/p/${projectId}/workflows`),
    isRefreshed: false,
  });
  return (
    <Confirm
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button variant="outline" disabled={remove.isPending || remove.isSuccess}>
          <Trash2 aria-hidden /> Delete<span className="sr-only"> {name}</span>
        </Button>
      }
      title={`Delete ${name}?`}
      description={
        <>
          <p>
            It takes no message and no time any more. What it has accepted still runs to its end, and what it
            did stays in the history. Any version of it can be restored on <em>Workflows</em>.
          </p>
          <p className="nums mt-2" aria-live="polite">
            {data ? waitingWords(data) : "Counting what waits …"}
          </p>
        </>
      }
      action="Delete workflow"
      destructive
      onConfirm={() => remove.mutate(undefined)}
    />
  );
}
