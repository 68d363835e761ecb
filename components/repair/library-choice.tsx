"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { api } from "@/components/api";
import { formatCount } from "@/components/ui/format";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import type { JobNode } from "@/lib/workflow/types";

export type LibraryWay = "detach" | "version";

type Props = {
  projectId: string;
  job: JobNode;
  workflowName: string;
  way: LibraryWay;
  onChange: (way: LibraryWay) => void;
};

/** What a change means for a job that follows an entry of the library. */
export function LibraryChoice({ projectId, job, workflowName, way, onChange }: Props) {
  const id = job.libraryJobId ?? "";
  const { data: entry } = useQuery({
    queryKey: ["library-entry", projectId, id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/library/[entry]", {
        params: { project: projectId, entry: id },
        signal,
      }),
  });
  const others = entry?.uses.filter(({ jobId }) => jobId !== job.id).length ?? 0;
  const isOld = entry !== undefined && entry.version !== job.libraryVersion;
  return (
    <div className="grid gap-2 rounded-md border px-3 py-2.5">
      <p>
        {job.name} follows{" "}
        <Link href={`/p/${projectId}/library?entry=${id}`} className="text-accent underline">
          {entry?.name ?? "an entry"}
        </Link>{" "}
        of the library, version {job.libraryVersion}
        {others > 0 ? `, as ${formatCount(others, "other job")} ${others === 1 ? "does" : "do"}` : ""}.
      </p>
      <RadioGroup
        aria-label="The library"
        value={way}
        onValueChange={(next) => onChange(next === "version" ? "version" : "detach")}
      >
        <RadioItem value="detach">
          Change this job alone
          <span className="text-muted-foreground">: it follows the library no more</span>
        </RadioItem>
        <RadioItem value="version" disabled={isOld}>
          Make it the entry's next version
          <span className="text-muted-foreground">
            {isOld
              ? `: not while the job has version ${job.libraryVersion} and the newest is ${entry.version}`
              : `: jobs of ${workflowName} that follow it have it at once, others can take it over`}
          </span>
        </RadioItem>
      </RadioGroup>
    </div>
  );
}
