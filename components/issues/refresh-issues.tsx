"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { concerns, useLive } from "@/components/live/use-live";
import { page } from "@/components/unsaved/page";
import { openIssuesKey } from "./open-issues";

/** Has the server render the page again when issues change, one of them or any. Nothing is rendered while something is typed. */
export function RefreshIssues({ projectId, id }: { projectId: string; id?: string }) {
  const router = useRouter();
  const client = useQueryClient();
  useLive(projectId, {
    gatherMs: 500,
    onHint: (hints) => {
      if (!concerns(hints, "issues", id ? new Set([id]) : undefined)) return;
      if (!page.isUnsaved) router.refresh();
      void client.invalidateQueries({ queryKey: openIssuesKey(projectId) });
    },
  });
  return null;
}
