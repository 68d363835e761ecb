"use client";
import { useQuery } from "@tanstack/react-query";
import { apiPath, getText, withQuery } from "@/components/api";
import { Skeleton } from "@/components/ui/skeleton";

const shownCharacters = 4_000;
/** More is not fetched for a look. */
const fetchedBytes = 500_000;

type Props = { projectId: string; messageId: string | null; dataclipId: string | null; size: number };

/** The beginning of what a run would begin with. */
export function InputPreview({ projectId, messageId, dataclipId, size }: Props) {
  const path = dataclipId
    ? apiPath("/api/projects/[project]/dataclips/[id]/body", { project: projectId, id: dataclipId })
    : withQuery(
        apiPath("/api/projects/[project]/messages/[id]/body", { project: projectId, id: messageId ?? "" }),
        { as: "text" },
      );
  const { data, error } = useQuery({
    queryKey: ["input-preview", path],
    queryFn: ({ signal }) => getText(path, signal),
    enabled: size <= fetchedBytes,
    gcTime: 0,
  });
  if (size > fetchedBytes)
    return <p className="text-muted-foreground text-xs">It is too large to be shown here.</p>;
  if (error) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <Skeleton className="h-24" />;
  const text = pretty(data);
  return (
    <section
      aria-label="The input"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-[24vh] overflow-auto rounded-md border bg-card px-3 py-2"
    >
      <pre className="whitespace-pre-wrap font-mono text-xs [overflow-wrap:anywhere]">
        {text.slice(0, shownCharacters)}
        {text.length > shownCharacters ? "…" : ""}
      </pre>
    </section>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
