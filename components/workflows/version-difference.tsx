"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { Skeleton } from "@/components/ui/skeleton";
import { DifferenceView } from "./difference-view";

/** Without `to`: up to the present version. */
type Props = { projectId: string; workflowId: string; from: number; to?: number };

/** What two versions of a workflow do differently, asked of the server. */
export function VersionDifference({ projectId, workflowId, from, to }: Props) {
  const { data, error } = useQuery({
    queryKey: ["workflow-difference", workflowId, from, to],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/difference", {
        params: { project: projectId, id: workflowId },
        query: { from, to },
        signal,
      }),
    staleTime: to === undefined ? 0 : Number.POSITIVE_INFINITY,
  });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <Skeleton className="h-24" />;
  return <DifferenceView difference={data.difference} />;
}
