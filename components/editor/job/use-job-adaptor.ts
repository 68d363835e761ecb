"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import type { DraftJob } from "@/lib/editor/graph";

export type JobAdaptor = {
  /** What the saved version is pinned to, where the draft asks for the same; null otherwise. */
  saved: string | null;
  /** What the job would be pinned to; null while that is not known. */
  version: string | null;
  /** Why it cannot be had, in a sentence. */
  problem: string | null;
  isLooking: boolean;
};

const freshMs = 300_000;

/**
 * What a job of the draft runs with: what its saved version is pinned to, else what its adaptor stands for now. The latter
 * is built where it is not built yet, so that its operations are known.
 */
export function useJobAdaptor({ id, adaptor, libraryJobId }: DraftJob): JobAdaptor {
  const { projectId, workflowId } = useEditorPlace();
  const version = useEditor(({ base }) => base.version);
  const pins = useQuery({
    queryKey: ["workflow-pins", workflowId, version],
    queryFn: async ({ signal }) => {
      const params = { project: projectId, id: workflowId };
      const { graph } = await api("GET /api/projects/[project]/workflows/[id]", { params, signal });
      return graph.jobs.map((job) => ({ id: job.id, adaptor: job.adaptor, version: job.adaptorVersion }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pin = pins.data?.find((one) => one.id === id);
  const saved = pin?.adaptor === adaptor ? pin.version : null;
  const isAsked = adaptor.trim() !== "" && libraryJobId === null && !pins.isPending && saved === null;
  const found = useQuery({
    queryKey: ["adaptor-lookup", projectId, adaptor],
    queryFn: ({ signal }) =>
      api("POST /api/projects/[project]/adaptors/lookup", {
        params: { project: projectId },
        body: { adaptor },
        signal,
      }),
    enabled: isAsked,
    staleTime: freshMs,
    retry: false,
  });
  return {
    saved,
    version: saved ?? (isAsked ? (found.data?.version ?? null) : null),
    problem: isAsked ? (found.error?.message ?? null) : null,
    isLooking: isAsked && found.isFetching,
  };
}
