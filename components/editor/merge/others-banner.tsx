"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { GitMerge, Users } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { api } from "@/components/api";
import { PromotedLine } from "@/components/editor/promote/promoted-line";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";

/** Loaded when there is something to take over. */
const MergeDialog = dynamic(() => import("./merge-dialog").then((module) => module.MergeDialog), {
  ssr: false,
});

/** What others do with the workflow while it is edited: who saved a version meanwhile, and who else has a draft. */
export function OthersBanner() {
  const { projectId, workflowId } = useEditorPlace();
  const client = useQueryClient();
  const queryKey = ["draft-head", workflowId];
  const { data } = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/draft/head", {
        params: { project: projectId, id: workflowId },
        signal,
      }),
  });
  useLive(projectId, {
    onHint: (hints) => {
      if (concerns(hints, "workflows", new Set([workflowId]))) void client.invalidateQueries({ queryKey });
    },
  });
  const version = useEditor(({ base }) => base.version);
  const [isOpen, setOpen] = useState(false);
  const saved = data && data.workflow.lockVersion > version ? data.workflow : null;
  const others = data?.others ?? [];
  return (
    <>
      <PromotedLine />
      {saved ? (
        <section
          aria-label="Saved by somebody else"
          data-status="pending"
          className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border bg-card px-4 py-2.5"
        >
          <GitMerge aria-hidden className="size-4 text-(--status)" />
          <p role="status" className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
            {saved.savedBy ?? "Somebody"} saved version {saved.lockVersion}{" "}
            <RelativeTime value={saved.savedAt} />, after version {version}, which is shown here
            {saved.note ? `: ${saved.note}` : ""}.
          </p>
          <Button onClick={() => setOpen(true)}>Look and take it over…</Button>
        </section>
      ) : null}
      {others.length > 0 ? (
        <p className="mb-4 flex items-center gap-2 text-muted-foreground text-xs">
          <Users aria-hidden className="size-3.5 shrink-0" />
          <span>
            {namesOf(others)} {others.length === 1 ? "has" : "have"} a draft of this workflow, too.
          </span>
        </p>
      ) : null}
      {isOpen && saved ? (
        <MergeDialog savedBy={saved.savedBy ?? "Somebody"} close={() => setOpen(false)} />
      ) : null}
    </>
  );
}

const namesOf = (others: { name: string }[]): string =>
  new Intl.ListFormat("en").format(others.map(({ name }) => name));
