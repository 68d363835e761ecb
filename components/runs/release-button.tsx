"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";

type Props = { projectId: string; order: { id: string; workflowName: string } };

/** Lets a work order start that the plan has kept from running, after a question. */
export function ReleaseButton({ projectId, order }: Props) {
  const queries = useQueryClient();
  const release = useMutation({
    mutationFn: () =>
      api("POST /api/projects/[project]/work-orders/[id]/release", {
        params: { project: projectId, id: order.id },
        body: {},
      }),
    onSuccess: () => {
      toast.success("Released: its run has been queued.");
      void queries.invalidateQueries();
    },
    onError: (error) => toast.error(error.message),
  });
  return (
    <Confirm
      trigger={
        <Button size="sm" variant="outline" disabled={release.isPending} className="relative z-10">
          <Play aria-hidden /> Release
          <span className="sr-only"> {order.workflowName}</span>
        </Button>
      }
      title={`Release ${order.workflowName}?`}
      description="It starts now, on the workflow as it is now, and uses one run of the project's plan. No job of it has run yet."
      action="Release"
      cancel="Keep it rejected"
      onConfirm={() => release.mutate()}
    />
  );
}
