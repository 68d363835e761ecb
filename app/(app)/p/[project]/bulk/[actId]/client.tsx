"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { api } from "@/components/api";
import { ActActions } from "@/components/bulk/act-actions";
import { ActProgress } from "@/components/bulk/act-progress";
import { RefusalList } from "@/components/bulk/refusal-list";
import { aboutWords, howWords, isOver, kindWords, waiting } from "@/components/bulk/words";
import { PageHeader } from "@/components/ui/page-header";
import { AbsoluteTime } from "@/components/ui/relative-time";
import type { BulkActDetail, BulkRefusal } from "@/lib/domain/bulk/schemas";
import type { Page } from "@/lib/domain/page";

type Props = {
  projectId: string;
  initial: BulkActDetail;
  refusals: Page<BulkRefusal>;
  mayChange: boolean;
};

const lookMs = 1_000;

/** One act: what it is for, how far it is, what it came to, and what can be done about it. */
export function ActClient({ projectId, initial, refusals, mayChange }: Props) {
  const params = { project: projectId, id: initial.id };
  const { data: act } = useQuery({
    queryKey: ["bulk-act", projectId, initial.id],
    queryFn: ({ signal }) => api("GET /api/projects/[project]/bulk-acts/[id]", { params, signal }),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : lookMs),
  });
  const wait = waiting(act);
  return (
    <>
      <PageHeader
        parent={<Link href={`/p/${projectId}/bulk`}>Bulk</Link>}
        title={act.name}
        description={`${kindWords[act.kind].label}: ${aboutWords(act)}, ${howWords(act)}.`}
        actions={mayChange ? <ActActions projectId={projectId} act={act} /> : null}
      />
      {act.problem ? (
        <p
          role="alert"
          data-status="failed"
          className="mb-3 rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2 text-(--status)"
        >
          {act.problem}
        </p>
      ) : null}
      <ActProgress projectId={projectId} act={act} />
      {wait ? (
        <p role="status" className="mt-2 text-muted-foreground text-sm">
          {wait}
        </p>
      ) : null}
      <p className="mt-3 text-muted-foreground text-xs">
        Started by {act.createdBy}, <AbsoluteTime value={act.createdAt} />
        {act.endedAt ? (
          <>
            , ended <AbsoluteTime value={act.endedAt} />
          </>
        ) : null}
        .
      </p>
      {act.refused > 0 ? (
        <RefusalList key={act.refused} projectId={projectId} act={act} initial={refusals} />
      ) : null}
    </>
  );
}
