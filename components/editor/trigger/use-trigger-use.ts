"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { useEditorPlace } from "@/components/editor/store";

/** What other triggers of the project have: custom paths, and what starts what. */
export function useTriggerUse() {
  const { projectId } = useEditorPlace();
  return useQuery({
    queryKey: ["trigger-use", projectId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/trigger-use", { params: { project: projectId }, signal }),
  });
}
