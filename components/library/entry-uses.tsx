"use client";
import Link from "next/link";
import { Nothing, Row } from "@/components/account/section";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import type { LibraryJob, LibraryUse } from "@/lib/domain/library/types";
import { TakeOverDialog } from "./take-over-dialog";

type Props = { projectId: string; entry: LibraryJob; mayWrite: boolean };

/** Every job that is of the entry, and the version that it has. */
export function EntryUses({ projectId, entry, mayWrite }: Props) {
  const behind = entry.uses.filter(({ version }) => version !== entry.version);
  if (entry.uses.length === 0)
    return <Nothing>No job is of it yet. Open a job of a workflow, and choose this entry there.</Nothing>;
  return (
    <>
      {behind.length > 0 ? (
        <div
          data-status="rejected"
          className="flex flex-wrap items-center justify-between gap-2 border-b bg-(--status-soft) px-4 py-2.5"
        >
          <p className="text-(--status)">
            {behind.length === 1 ? "One job has" : `${behind.length} jobs have`} another version than the
            newest.
          </p>
          {mayWrite ? <TakeOverDialog projectId={projectId} entry={entry} behind={behind} /> : null}
        </div>
      ) : null}
      <ul>
        {entry.uses.map((use) => (
          <Row
            key={use.jobId}
            actions={mayWrite ? <Detach projectId={projectId} entryId={entry.id} use={use} /> : null}
          >
            <Link
              href={`/p/${projectId}/workflows/${use.workflowId}?node=${use.jobId}`}
              className="font-medium underline decoration-input underline-offset-3 hover:decoration-current"
            >
              {use.workflowName}: {use.jobName}
            </Link>
            <span className="nums flex flex-wrap items-center gap-2 text-muted-foreground text-xs">
              version {use.version}
              {use.version === entry.version ? null : <Badge>behind</Badge>}
            </span>
          </Row>
        ))}
      </ul>
    </>
  );
}

function Detach({ projectId, entryId, use }: { projectId: string; entryId: string; use: LibraryUse }) {
  const detach = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/library/[entry]/jobs/[job]", {
        params: { project: projectId, entry: entryId, job: use.jobId },
      }),
    message: "The job is one of its own now.",
  });
  return (
    <Confirm
      title={`Detach ${use.jobName}?`}
      description={`${use.workflowName} gets a new version in which the job keeps its code, but is no longer of this entry: new versions do not reach it.`}
      action="Detach the job"
      onConfirm={() => detach.mutate(undefined)}
      trigger={
        <Button size="sm" variant="ghost" disabled={detach.isPending} aria-label={`Detach ${use.jobName}`}>
          Detach
        </Button>
      }
    />
  );
}
