"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";

export const openIssuesKey = (projectId: string) => ["open-issues", projectId];

const lookMs = 60_000;

/** How many issues of the project are open, beside the word that leads there; nothing while there is none. */
export function OpenIssues({ projectId }: { projectId: string }) {
  const { data } = useQuery({
    queryKey: openIssuesKey(projectId),
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/issues/open", { params: { project: projectId }, signal }),
    staleTime: lookMs / 2,
    refetchInterval: lookMs,
    retry: false,
  });
  if (!data || data.count === 0) return null;
  return (
    <span
      data-status="failed"
      className="nums inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full border border-(--status-line) bg-(--status-soft) px-1 font-semibold text-(--status) text-2xs"
    >
      {data.count > 99 ? "99+" : data.count}
      <span className="sr-only"> open</span>
    </span>
  );
}
