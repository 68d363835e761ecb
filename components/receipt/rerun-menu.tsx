"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronDown, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuGroup,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import type { MessageDetail } from "@/lib/domain/message/types";
import type { JobRow } from "@/lib/domain/workflow/jobs";

export type RerunRequest = {
  jobId?: string;
  workflowId?: string;
  all?: true;
  version?: "latest" | "original";
};

const pageSize = 50;

/** The project's jobs by workflow, a page at a time, once somebody wants to see them. */
function useJobs(projectId: string, isWanted: boolean) {
  const list = useInfiniteQuery({
    queryKey: ["jobs-to-rerun", projectId],
    queryFn: ({ pageParam, signal }) =>
      api("GET /api/projects/[project]/jobs", {
        params: { project: projectId },
        query: { limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    enabled: isWanted,
  });
  const jobs = list.data?.pages.flatMap((page) => page.items) ?? [];
  const workflows = new Map<string, JobRow[]>();
  for (const job of jobs) workflows.set(job.workflowId, [...(workflows.get(job.workflowId) ?? []), job]);
  return { ...list, workflows: [...workflows] };
}

/** Everything, or one job; jobs that never ran for the message are started by hand. */
export function RerunMenu({
  message,
  isBusy,
  onRerun,
}: {
  message: MessageDetail;
  isBusy: boolean;
  onRerun: (request: RerunRequest) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const { workflows, hasNextPage, fetchNextPage, isFetching, isSuccess, isError } = useJobs(
    message.projectId,
    isOpen,
  );
  const hasRun = message.workOrders.length > 0;
  return (
    <DropdownMenu open={isOpen} onOpenChange={setOpen}>
      <DropdownMenuTrigger asChild>
        <Button disabled={isBusy}>
          <RotateCcw aria-hidden /> Rerun <ChevronDown aria-hidden className="opacity-70" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-72">
        {hasRun ? (
          <>
            <DropdownMenuItem onSelect={() => onRerun({ all: true })}>Rerun all</DropdownMenuItem>
            <DropdownMenuItem onSelect={() => onRerun({ all: true, version: "original" })}>
              Rerun all on the version that ran then
            </DropdownMenuItem>
            <DropdownMenuSeparator />
          </>
        ) : null}
        {workflows.map(([id, jobs]) => (
          <OfWorkflow key={id} id={id} jobs={jobs} onRerun={onRerun} />
        ))}
        {isSuccess && workflows.length === 0 ? (
          <DropdownMenuItem asChild>
            <Link href={`/p/${message.projectId}/workflows?new=1`}>No workflow yet: make one</Link>
          </DropdownMenuItem>
        ) : null}
        {isError ? (
          <DropdownMenuLabel>
            The jobs could not be loaded. Close the menu and open it again.
          </DropdownMenuLabel>
        ) : null}
        {isFetching ? <DropdownMenuLabel>Loading the jobs …</DropdownMenuLabel> : null}
        {hasNextPage && !isFetching ? (
          <DropdownMenuItem
            onSelect={(event) => {
              event.preventDefault();
              void fetchNextPage();
            }}
          >
            More jobs
          </DropdownMenuItem>
        ) : null}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function OfWorkflow({
  id,
  jobs,
  onRerun,
}: {
  id: string;
  jobs: JobRow[];
  onRerun: (request: RerunRequest) => void;
}) {
  const name = jobs[0]?.workflowName ?? "";
  return (
    <DropdownMenuGroup aria-label={name}>
      <DropdownMenuLabel aria-hidden>{name}</DropdownMenuLabel>
      <DropdownMenuItem onSelect={() => onRerun({ workflowId: id })}>Whole workflow</DropdownMenuItem>
      {jobs.map((job) => (
        <DropdownMenuItem key={job.id} onSelect={() => onRerun({ jobId: job.id })}>
          <span className="truncate">Only {job.name}</span>
        </DropdownMenuItem>
      ))}
    </DropdownMenuGroup>
  );
}
