"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";

/** The project's library entries, to choose one of. */
export const useEntries = (projectId: string, isWanted = true) =>
  useQuery({
    queryKey: ["library", projectId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/library", {
        params: { project: projectId },
        query: { limit: 200 },
        signal,
      }),
    enabled: isWanted,
    gcTime: 0,
  });
