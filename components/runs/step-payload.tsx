"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Json } from "@/lib/workflow/types";
import { ApiError, getText } from "../api";
import { PayloadView } from "../code/payload-view";
import { formatBytes } from "../ui/format";
import { Skeleton } from "../ui/skeleton";

/** More JSON than this is shown as text: building the tree would hold up the page. */
const treeLimit = 3_000_000;

/** The state a step began with or handed on. */
export function StepPayload({
  projectId,
  stepId,
  kind,
}: {
  projectId: string;
  stepId: string;
  kind: "input" | "output";
}) {
  const href = `/api/projects/${projectId}/steps/${stepId}/${kind}`;
  const { data, error } = useQuery({
    queryKey: ["step-payload", stepId, kind],
    queryFn: ({ signal }) => getText(href, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const json = useMemo(() => parse(data), [data]);
  if (error instanceof ApiError && error.status === 404)
    return (
      <p className="text-muted-foreground">
        {kind === "output" ? "This step handed nothing on." : "The input is no longer kept."}
      </p>
    );
  if (error) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <Skeleton className="h-32" />;
  return (
    <PayloadView
      label={kind === "input" ? "Input" : "Output"}
      text={data}
      json={json}
      caption={formatBytes(data.length)}
      downloadHref={href}
    />
  );
}

function parse(text: string | undefined): Json | undefined {
  if (text === undefined || text.length > treeLimit) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
