"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError, apiPath, getText } from "@/components/api";
import { PayloadView } from "@/components/code/payload-view";
import { formatBytes } from "@/components/ui/format";
import { Skeleton } from "@/components/ui/skeleton";
import { parseJson } from "./json-view";

/** Too large to be kept: the answer says so, with the size. */
function whyMissing(error: ApiError, kind: "input" | "output"): string {
  if (error.details) return error.message;
  return kind === "output" ? "This step handed nothing on." : "The input is no longer kept.";
}

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
  const href = apiPath(`/api/projects/[project]/steps/[id]/${kind}`, { project: projectId, id: stepId });
  const { data, error } = useQuery({
    queryKey: ["step-payload", stepId, kind],
    queryFn: ({ signal }) => getText(href, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const json = useMemo(() => parseJson(data), [data]);
  if (error instanceof ApiError && error.status === 404)
    return <p className="text-muted-foreground">{whyMissing(error, kind)}</p>;
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
