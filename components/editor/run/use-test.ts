"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import type { TestRun } from "@/lib/domain/test-run/types";
import type { TestMode } from "@/lib/words";
import type { InputBody } from "./input";
import type { Start } from "./start";

/** While one runs, whether or not hints come. */
const askEveryMs = 2_000;

export const isOver = ({ finishedAt }: Pick<TestRun, "finishedAt">): boolean => finishedAt !== null;

/** One test with all that it came to, kept current until it has ended. */
export function useTest(id: string | null) {
  const { projectId, workflowId } = useEditorPlace();
  const { data, error, refetch } = useQuery({
    queryKey: ["test", id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/tests/[test]", {
        params: { project: projectId, id: workflowId, test: id ?? "" },
        signal,
      }),
    enabled: id !== null,
    staleTime: ({ state }) => (state.data && isOver(state.data) ? Number.POSITIVE_INFINITY : 0),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : askEveryMs),
    retry: false,
  });
  const refresh = useRefresh(refetch);
  useLive(projectId, {
    onHint: (hints) => {
      if (id && data && !isOver(data) && concerns(hints, "tests", new Set([id]))) refresh();
    },
  });
  return { test: id === null ? undefined : data, problem: error?.message ?? null };
}

export type Ask = { start: Start; input: InputBody; mode: TestMode };

/** Saves the draft as it is on the page, and has it tested. `onMade`: of the test's id. */
export function useAsk(onMade: (id: string) => void) {
  const { projectId, workflowId } = useEditorPlace();
  const store = useEditorStore();
  return useMutation({
    mutationFn: async (ask: Ask) => {
      const revision = await store.flush();
      return api("POST /api/projects/[project]/workflows/[id]/draft/tests", {
        params: { project: projectId, id: workflowId },
        body: { revision, ...ask },
      });
    },
    onSuccess: ({ id }) => onMade(id),
  });
}

/** Stops a test. */
export function useCancel() {
  const { projectId, workflowId } = useEditorPlace();
  return useMutation({
    mutationFn: (test: string) =>
      api("POST /api/projects/[project]/workflows/[id]/tests/[test]/cancel", {
        params: { project: projectId, id: workflowId, test },
      }),
  });
}
