"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { api } from "@/components/api";
import { TextDifferenceView } from "@/components/code/text-difference";
import { formatCount } from "@/components/ui/format";
import { differenceOfTexts } from "@/lib/difference/lines";
import type { News } from "./use-code";
import type { Present } from "./use-repair";

/** Which version failed, which one is shown, and what has changed between them. */
export function VersionsNote({ projectId, repairable }: { projectId: string; repairable: Present }) {
  const { run, ran, job, workflow } = repairable;
  const changes = ran ? differenceOfTexts(ran.body, job.body) : null;
  return (
    <div className="grid gap-1.5 text-sm">
      <p className="text-muted-foreground">
        {changes || workflow.lockVersion !== run.snapshot.lockVersion ? (
          <>
            Version {run.snapshot.lockVersion} ran.{" "}
            {changes ? "The code has changed since" : "The code is the same"} in version{" "}
            {workflow.lockVersion} of <WorkflowLink {...{ projectId, workflow }} />, which is shown and
            repaired here.
          </>
        ) : (
          <>
            Version {workflow.lockVersion} of <WorkflowLink {...{ projectId, workflow }} /> ran, and is the
            present one.
          </>
        )}
      </p>
      <DraftNote projectId={projectId} workflow={workflow} />
      {changes ? (
        <details>
          <summary className="cursor-pointer text-muted-foreground">What changed since it failed</summary>
          <div className="mt-1.5">
            <TextDifferenceView difference={changes} label="What changed since it failed" />
          </div>
        </details>
      ) : null}
    </div>
  );
}

/** One's own draft goes on from the version before; the editor puts the two together. */
function DraftNote({ projectId, workflow }: { projectId: string; workflow: Present["workflow"] }) {
  const { data } = useQuery({
    queryKey: ["repair-draft", projectId, workflow.id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/draft/head", {
        params: { project: projectId, id: workflow.id },
        signal,
      }),
    gcTime: 0,
    retry: false,
  });
  if (!data?.draft) return null;
  return (
    <p className="text-muted-foreground">
      Your own{" "}
      <Link href={`/p/${projectId}/workflows/${workflow.id}/edit`} className="text-accent underline">
        draft of {workflow.name}
      </Link>{" "}
      stays as it is: what is saved here is merged into it when you open it.
    </p>
  );
}

const WorkflowLink = ({ projectId, workflow }: { projectId: string; workflow: Present["workflow"] }) => (
  <Link href={`/p/${projectId}/workflows/${workflow.id}`} className="text-accent underline">
    {workflow.name}
  </Link>
);

/** What somebody else saved while the code was being written, and what became of both. */
export function NewsNote({ news }: { news: News }) {
  const { version, savedJob, collisions, before, after } = news;
  const theirs = savedJob ? differenceOfTexts(before, after) : null;
  return (
    <div
      role="status"
      data-status="rejected"
      className="grid gap-1.5 rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2"
    >
      <p className="text-(--status)">
        Version {version} was saved meanwhile.{" "}
        {!savedJob
          ? "The code of this job is the same in it. Save again."
          : collisions === 0
            ? "Its change of this job's code has been put into yours. Look at it, then save again."
            : `Its change of this job's code has been put into yours; at ${formatCount(collisions, "place")} both changed the same lines, and yours stand. Look at it, then save again.`}
      </p>
      {theirs ? (
        <details>
          <summary className="cursor-pointer">What the other one changed</summary>
          <div className="mt-1.5">
            <TextDifferenceView difference={theirs} label="What the other one changed" />
          </div>
        </details>
      ) : null}
    </div>
  );
}
