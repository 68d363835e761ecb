"use client";
import { useMemo, useRef } from "react";
import { coalesce } from "@/lib/coalesce";

/** A query's `refetch` for hints: never cancels a request under way, always reads once more after the last hint. */
export function useRefresh(refetch: (options: { cancelRefetch: boolean }) => Promise<unknown>): () => void {
  const latest = useRef(refetch);
  latest.current = refetch;
  return useMemo(() => coalesce(() => latest.current({ cancelRefetch: false })).ask, []);
}
