"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { waitingWords } from "@/components/pause/words";

/** What waits and runs in a workflow now. */
export function Waiting({ projectId, workflowId }: { projectId: string; workflowId: string }) {
  const { data, error } = useQuery({
    queryKey: ["waiting", projectId, workflowId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/waiting", {
        params: { project: projectId },
        query: { workflowId },
        signal,
      }),
    gcTime: 0,
  });
  return (
    <p className="nums text-muted-foreground" aria-live="polite">
      {data ? waitingWords(data) : error ? "What waits could not be counted." : "Counting what waits …"}
    </p>
  );
}
