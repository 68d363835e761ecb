"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { TextDifferenceView } from "@/components/code/text-difference";
import { Skeleton } from "@/components/ui/skeleton";
import { adaptorWords } from "@/components/workflows/edge-words";

type Props = { projectId: string; entryId: string; from: number; to: number };

/** What tells two versions of an entry apart. */
export function EntryDifference({ projectId, entryId, from, to }: Props) {
  const { data, error } = useQuery({
    queryKey: ["library-difference", entryId, from, to],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/library/[entry]/difference", {
        params: { project: projectId, entry: entryId },
        query: { from, to },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <Skeleton className="h-16" />;
  const [before, after] = [adaptorWords(data.before), adaptorWords(data.after)];
  return (
    <div className="grid grid-cols-1 gap-1.5">
      {before === after ? null : (
        <p className="font-mono text-[12.5px] [overflow-wrap:anywhere]">
          {before} <span className="font-sans text-muted-foreground">is now</span> {after}
        </p>
      )}
      {data.code ? (
        <TextDifferenceView difference={data.code} label={`Code from version ${from} to ${to}`} />
      ) : (
        <p className="text-muted-foreground">The same code.</p>
      )}
    </div>
  );
}
