"use client";
import { useQueryStates } from "nuqs";
import { useTransition } from "react";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import { NativeRadio } from "@/components/ui/radio";
import { RelativeTime } from "@/components/ui/relative-time";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { RestoreButton, type RestoredWorkflow } from "@/components/versions/restore-dialog";
import { sourceWords } from "@/components/versions/words";
import type { WorkflowVersion } from "@/lib/domain/workflow/versions";
import { versionParams } from "./search-params";

type Props = {
  projectId: string;
  workflow: RestoredWorkflow;
  versions: WorkflowVersion[];
  from: number;
  to: number;
  mayWrite: boolean;
};

/** Versions, newest first. Two are compared: one of each column of circles. */
export function VersionList({ projectId, workflow, versions, from, to, mayWrite }: Props) {
  const [isPending, startTransition] = useTransition();
  const [, compare] = useQueryStates(versionParams, { shallow: false, startTransition });
  return (
    <Table aria-busy={isPending}>
      <TableHeader>
        <TableRow>
          <TableHead className="pr-0">From</TableHead>
          <TableHead className="pr-0">To</TableHead>
          <TableHead>Version</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {versions.map((version) => {
          const { lockVersion } = version;
          return (
            <TableRow
              key={lockVersion}
              className={cn((lockVersion === from || lockVersion === to) && "bg-accent-soft")}
            >
              {(["from", "to"] as const).map((side) => (
                <TableCell key={side} className="pr-0 align-top">
                  <NativeRadio
                    name={side}
                    aria-label={`Compare ${side} version ${lockVersion}`}
                    checked={lockVersion === (side === "from" ? from : to)}
                    onChange={() => void compare({ from, to, [side]: lockVersion })}
                    className="size-5 accent-(--accent)"
                  />
                </TableCell>
              ))}
              <TableCell>
                <Version {...{ projectId, workflow, version, mayWrite }} />
              </TableCell>
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}

type VersionProps = Pick<Props, "projectId" | "workflow" | "mayWrite"> & { version: WorkflowVersion };

function Version({ projectId, workflow, version, mayWrite }: VersionProps) {
  const { lockVersion, createdBy, createdAt, note } = version;
  const source = sourceWords(version);
  const isPresent = lockVersion === workflow.lockVersion && !workflow.isDeleted;
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1.5">
      <div className="min-w-0 flex-1 basis-40">
        <p className="nums flex flex-wrap items-center gap-1.5">
          <span className="font-medium">Version {lockVersion}</span>
          {source ? <Badge>{source}</Badge> : null}
          {isPresent ? <Badge>now</Badge> : null}
        </p>
        <p className="text-muted-foreground text-xs [overflow-wrap:anywhere]">
          <RelativeTime value={createdAt} />
          {createdBy ? ` by ${createdBy}` : ""}
        </p>
        {note ? (
          <p className="mt-1 whitespace-pre-wrap text-[13px] [overflow-wrap:anywhere]">{note}</p>
        ) : null}
      </div>
      {mayWrite && !isPresent ? (
        <RestoreButton projectId={projectId} workflow={workflow} version={lockVersion} />
      ) : null}
    </div>
  );
}
