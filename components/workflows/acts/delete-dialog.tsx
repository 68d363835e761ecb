"use client";
import { useRouter } from "next/navigation";
import { api } from "@/components/api";
import { useApi } from "@/components/use-api";
import { ActDialog } from "./act-dialog";
import type { ActProps } from "./types";

/** Deletes a workflow: says first what becomes of its runs, and what waits and runs there now. */
export function DeleteDialog({ projectId, workflow, close }: ActProps) {
  const { id, name } = workflow;
  const router = useRouter();
  const remove = useApi({
    send: () => api("DELETE /api/projects/[project]/workflows/[id]", { params: { project: projectId, id } }),
    message: `${name} is deleted. It can be restored.`,
    done: () => {
      close();
      router.push(`/p/${projectId}/workflows`);
      router.refresh();
    },
    hasForm: true,
    isRefreshed: false,
  });
  return (
    <ActDialog
      title={`Delete ${name}?`}
      submit="Delete workflow"
      isDestructive
      isPending={remove.isPending || remove.isSuccess}
      error={remove.error}
      onSubmit={() => remove.mutate(undefined)}
      close={close}
      waiting={{ projectId, workflowId: id }}
    >
      <p>
        Neither a message nor the clock starts it any more. What it has accepted still runs to its end, and
        what it did stays in the history. Any version of it can be restored on <em>Workflows</em>.
      </p>
    </ActDialog>
  );
}
