"use client";
import { useQueryClient } from "@tanstack/react-query";
import { BellOff, Check, CircleDot, RotateCcw, UserCheck } from "lucide-react";
import { useState } from "react";
import { api } from "@/components/api";
import { BulkDialog } from "@/components/bulk/bulk-dialog";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";
import type { IssueRow } from "@/lib/domain/issue/types";
import type { IssueState } from "@/lib/words";
import { IgnoreDialog, type Ignoring } from "./ignore-dialog";
import { openIssuesKey } from "./open-issues";

type Props = {
  projectId: string;
  issue: IssueRow;
  may: { update: boolean; rerun: boolean };
  /** Mails link to the question about the rerun. */
  isRerunAsked: boolean;
};

/** What can be done about an issue. */
export function IssueActions({ projectId, issue, may, isRerunAsked }: Props) {
  const client = useQueryClient();
  const [asksRerun, setAsksRerun] = useState(isRerunAsked);
  const [asksIgnore, setAsksIgnore] = useState(false);
  const change = useApi({
    send: (body: { state: IssueState } & Ignoring) =>
      api("PATCH /api/projects/[project]/issues/[id]", {
        params: { project: projectId, id: issue.id },
        body,
      }),
    message: ({ state }) => `The issue is ${state}.`,
    done: () => {
      setAsksIgnore(false);
      void client.invalidateQueries({ queryKey: openIssuesKey(projectId) });
    },
  });
  const { state, affected, jobId, jobName } = issue;
  const set = (next: IssueState) => change.mutate({ state: next });
  const canRerun = may.rerun && affected > 0;
  return (
    <>
      {canRerun ? (
        <Button onClick={() => setAsksRerun(true)}>
          <RotateCcw aria-hidden /> Rerun affected
        </Button>
      ) : null}
      {may.update ? (
        <>
          {state === "open" ? (
            <Button variant="outline" disabled={change.isPending} onClick={() => set("acknowledged")}>
              <UserCheck aria-hidden /> Acknowledge
            </Button>
          ) : (
            <Button variant="outline" disabled={change.isPending} onClick={() => set("open")}>
              <CircleDot aria-hidden /> Open again
            </Button>
          )}
          {state === "resolved" ? null : (
            <Button variant="outline" disabled={change.isPending} onClick={() => set("resolved")}>
              <Check aria-hidden /> Resolve
            </Button>
          )}
          {state === "resolved" ? null : (
            <Button variant="outline" disabled={change.isPending} onClick={() => setAsksIgnore(true)}>
              <BellOff aria-hidden /> Ignore…
            </Button>
          )}
        </>
      ) : null}
      {asksRerun && canRerun ? (
        <BulkDialog
          projectId={projectId}
          of={{ target: "issue", issueId: issue.id }}
          job={jobId ? { id: jobId, name: jobName ?? "The job" } : undefined}
          onClose={() => setAsksRerun(false)}
          onStarted={() => setAsksRerun(false)}
        />
      ) : null}
      {asksIgnore ? (
        <IgnoreDialog
          isBusy={change.isPending}
          onClose={() => setAsksIgnore(false)}
          onIgnore={(ignoring) => change.mutate({ state: "ignored", ...ignoring })}
        />
      ) : null}
    </>
  );
}
