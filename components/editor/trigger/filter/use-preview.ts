"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError, api } from "@/components/api";
import { useEditorPlace } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import type { FilterPreview } from "@/lib/domain/message/filter-preview";
import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";

/** After the last change of the filter; and between looks at what comes meanwhile. */
const restMs = 350;
const gatherMs = 3_000;

export type Preview = {
  data: FilterPreview | undefined;
  problem: string | null;
  /** What is shown is of the filter before. */
  isOld: boolean;
};

/** What the newest messages come to with a filter, a moment after it was changed, and again as messages come. */
export function usePreview(inclusion: ExactJson | null, exclusion: ExactJson | null): Preview {
  const { projectId } = useEditorPlace();
  const text = stringifyExact({ inclusion, exclusion });
  const rested = useRested(text);
  const query = useQuery({
    queryKey: ["filter-preview", projectId, rested],
    queryFn: ({ signal }) =>
      api("POST /api/projects/[project]/filter-preview", {
        params: { project: projectId },
        // Its numbers are kept as they are written, in text and body.
        body: parseExact(rested) as { inclusion: ExactJson; exclusion: ExactJson },
        signal,
      }),
    placeholderData: keepPreviousData,
    // Another tab of the same person asks at the moment, or the answer was lost: nothing is changed by asking again.
    retry: (count, error) =>
      count < 3 && (isLost(error) || (error instanceof ApiError && error.code === "limit")),
    gcTime: 60_000,
  });
  const refresh = useRefresh(query.refetch);
  useLive(projectId, { onHint: (hints) => concerns(hints, "messages") && refresh(), gatherMs });
  return {
    data: query.data,
    problem: isLost(query.error)
      ? "The server cannot be reached, so nothing is counted. Change the filter, or load the page again, to count anew."
      : (query.error?.message ?? null),
    isOld: query.isPlaceholderData || rested !== text,
  };
}

/** It is asked by a POST, of whose lost answers it is said else that they may have changed something. */
const isLost = (error: Error | null): boolean =>
  error instanceof ApiError && (error.code === "unanswered" || error.code === "offline");

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
