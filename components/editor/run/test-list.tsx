"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { ListFoot } from "@/components/data-table/list-foot";
import { useDraft, useEditorPlace } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import { cn } from "@/components/ui/cn";
import { ClockTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { StatusChip } from "@/components/ui/status-chip";
import type { TestRow } from "@/lib/domain/test-run/types";
import { TestResult } from "./test-result";
import type { UseState } from "./test-step";
import { begunWith, modeWords, runWordOf, tookWords, whereBegun, whyMade } from "./test-words";

const pageSize = 20;

type Props = { testId: string | null; onOpen: (id: string) => void; onUse: UseState };

/** The tests of one's draft, newest first; the one that is open is shown below. */
export function TestList({ testId, onOpen, onUse }: Props) {
  const { projectId, workflowId } = useEditorPlace();
  const list = useInfiniteQuery({
    queryKey: ["tests", workflowId],
    queryFn: ({ pageParam, signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/draft/tests", {
        params: { project: projectId, id: workflowId },
        query: { cursor: pageParam, limit: pageSize },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const refresh = useRefresh(list.refetch);
  useLive(projectId, { onHint: (hints) => concerns(hints, "tests") && refresh() });
  const rows = list.data?.pages.flatMap(({ items }) => items);
  if (!rows) return list.error ? <p role="alert">{list.error.message}</p> : <Skeleton className="h-40" />;
  if (rows.length === 0)
    return (
      <p className="text-muted-foreground">
        No test yet. Tests of this draft are kept here for a week, the last 50 of them; nobody else sees them.
      </p>
    );
  return (
    <div className="grid grid-cols-1 gap-3">
      <ol className="overflow-hidden rounded-md border bg-card">
        {rows.map((row) => (
          <li key={row.id} className="border-b last:border-b-0">
            <Row row={row} isOpen={row.id === testId} onOpen={onOpen} />
          </li>
        ))}
      </ol>
      <ListFoot
        hasOlder={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onOlder={() => void list.fetchNextPage()}
        end="Older tests are not kept."
      />
      {testId ? <TestResult id={testId} onUse={onUse} /> : null}
    </div>
  );
}

function Row({ row, isOpen, onOpen }: { row: TestRow; isOpen: boolean; onOpen: (id: string) => void }) {
  const graph = useDraft();
  return (
    <button
      type="button"
      aria-pressed={isOpen}
      onClick={() => onOpen(row.id)}
      className={cn(
        "grid w-full gap-0.5 px-3 py-2 text-left hover:bg-muted focus-visible:-outline-offset-2",
        isOpen && "bg-muted",
      )}
    >
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StatusChip status={runWordOf(row.state)} word={`test ${row.state}`} />
        <span className="text-muted-foreground text-xs">{modeWords[row.mode].name}</span>
        <span className="nums ml-auto text-muted-foreground text-xs">
          <ClockTime value={row.createdAt} />
        </span>
      </span>
      <span className="[overflow-wrap:anywhere]">
        {whyMade(row)}, {whereBegun(row, graph)}, on {begunWith(row)}
        {row.finishedAt ? <span className="nums text-muted-foreground"> {tookWords(row)}</span> : null}
      </span>
    </button>
  );
}
