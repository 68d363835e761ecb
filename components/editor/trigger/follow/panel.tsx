"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { api } from "@/components/api";
import { SearchChoice } from "@/components/data-table/search-choice";
import { useFieldProblem } from "@/components/editor/editor-field";
import { useDraft, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { useTriggerUse } from "@/components/editor/trigger/use-trigger-use";
import { followingProblem } from "@/lib/editor/circles";
import { setTrigger } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftTrigger } from "@/lib/editor/graph";

const listed = 100;
const mostPages = 5;

/** The job of another workflow whose end starts this one. */
export function FollowPanel({ trigger }: { trigger: DraftTrigger }) {
  const { id, type, sourceJobId } = trigger;
  const store = useEditorStore();
  const draft = useDraft();
  const { projectId, workflowId } = useEditorPlace();
  const use = useTriggerUse();
  const [refused, setRefused] = useState<string | null>(null);
  const job = useJob(sourceJobId);
  const problem = useFieldProblem(id, "sourceJobId");
  const circleOf = (jobId: string) =>
    followingProblem(draft, { workflowId, triggerId: id, jobId }, use.data?.followings ?? []);
  const choose = (jobId: string | null) => {
    const why = jobId === null ? null : circleOf(jobId);
    setRefused(why);
    if (why === null) store.edit(setTrigger(id, { sourceJobId: jobId }));
  };
  const now = sourceJobId === null ? null : circleOf(sourceJobId);
  const said = refused ?? now ?? problem;
  return (
    <div className="grid grid-cols-1 gap-4">
      <div id={fieldId(id, "sourceJobId")} className="grid gap-1.5">
        <span className="font-medium text-[13px]">
          {type === "flow" ? "After the success of" : "After the failure of"}
        </span>
        <SearchChoice
          label="Job"
          all="No job chosen"
          value={sourceJobId}
          chosen={
            job.data && sourceJobId
              ? { value: sourceJobId, label: `${job.data.name} of ${job.data.workflowName}` }
              : undefined
          }
          searchKey={["followable-jobs", projectId, workflowId, id]}
          search={async (text, signal) => {
            const { others, isMore } = await jobsOfOthers({ projectId, workflowId, text, signal });
            return {
              choices: others.map((one) => ({
                value: one.id,
                label: circleOf(one.id) === null ? one.name : `${one.name} (cannot be followed: a circle)`,
                group: one.workflowName,
              })),
              isMore,
            };
          }}
          onChange={choose}
          className="w-full max-w-full"
        />
        {said ? (
          <p role="alert" data-status="failed" className="text-(--status) text-xs">
            {said}
          </p>
        ) : null}
        {sourceJobId !== null && job.data === null ? (
          <p role="alert" data-status="failed" className="text-(--status) text-xs">
            The job that it follows is not there any more: it starts nothing. Choose another one.
          </p>
        ) : null}
      </div>
      {job.data && sourceJobId ? (
        <p className="text-sm">
          <Link
            href={`/p/${projectId}/workflows/${job.data.workflowId}?node=${sourceJobId}`}
            className="underline decoration-input underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current"
          >
            {job.data.name} of {job.data.workflowName}
          </Link>
        </p>
      ) : null}
      <p className="text-muted-foreground text-sm leading-relaxed">
        {type === "flow"
          ? "Each time that job succeeds, this workflow starts with what the job returned, as a work order of its own for the same message. The other workflow does not wait for it."
          : "Each time that job fails, this workflow starts with what the job was given, and besides with error (its type and message) and the lines of its log. A failure that another step handles counts, a cancellation does not."}{" "}
        Jobs of this workflow are followed by edges. Circles, and chains of more than 50 workflows, cannot be
        saved.
      </p>
    </div>
  );
}

type Search = { projectId: string; workflowId: string; text: string; signal: AbortSignal };

/** The first jobs of other workflows whose names, or those of their workflows, contain the text. */
async function jobsOfOthers({ projectId, workflowId, text, signal }: Search) {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const found = await api("GET /api/projects/[project]/jobs", {
      params: { project: projectId },
      query: { text: text || undefined, cursor, limit: listed },
      signal,
    });
    const others = found.items.filter((one) => one.workflowId !== workflowId);
    // A page may be this workflow's own altogether.
    if (others.length > 0 || found.nextCursor === null) return { others, isMore: found.nextCursor !== null };
    cursor = found.nextCursor;
  }
  return { others: [], isMore: true };
}

/** A job by its id; null where it is not there. */
function useJob(jobId: string | null) {
  const { projectId } = useEditorPlace();
  return useQuery({
    queryKey: ["followed-job", projectId, jobId],
    enabled: jobId !== null,
    queryFn: async ({ signal }) => {
      const { items } = await api("GET /api/projects/[project]/jobs", {
        params: { project: projectId },
        query: { id: jobId ?? "" },
        signal,
      });
      return items[0] ?? null;
    },
  });
}
