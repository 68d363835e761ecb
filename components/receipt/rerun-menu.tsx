"use client";
import { ChevronDown, RotateCcw } from "lucide-react";
import Link from "next/link";
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

export type RerunRequest = {
  jobId?: string;
  workflowId?: string;
  all?: true;
  version?: "latest" | "original";
};

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
  const hasRun = message.workOrders.length > 0;
  return (
    <DropdownMenu>
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
        {message.workflows.map((workflow) => (
          <DropdownMenuGroup key={workflow.id} aria-label={workflow.name}>
            <DropdownMenuLabel aria-hidden>{workflow.name}</DropdownMenuLabel>
            <DropdownMenuItem onSelect={() => onRerun({ workflowId: workflow.id })}>
              Whole workflow
            </DropdownMenuItem>
            {workflow.jobs.map((job) => (
              <DropdownMenuItem key={job.id} onSelect={() => onRerun({ jobId: job.id })}>
                <span className="truncate">Only {job.name}</span>
              </DropdownMenuItem>
            ))}
          </DropdownMenuGroup>
        ))}
        {message.workflows.length === 0 ? (
          <DropdownMenuItem asChild>
            <Link href={`/p/${message.projectId}/workflows?new=1`}>No workflow yet: make one</Link>
          </DropdownMenuItem>
        ) : null}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
