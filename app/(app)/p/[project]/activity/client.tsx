"use client";
import { Keyboard, ScrollText } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useCallback, useState } from "react";
import { getJson, withQuery } from "@/components/api";
import { type Choice, ChoiceFilter, DateFilter } from "@/components/data-table/filters";
import { HeldRows, isPageAtTop, ListFoot } from "@/components/data-table/list-foot";
import { ListProblem, NothingMatches } from "@/components/data-table/list-states";
import { LiveSwitch } from "@/components/data-table/live-switch";
import { ShortcutHelp } from "@/components/data-table/shortcut-help";
import { useLiveList } from "@/components/data-table/use-live-list";
import { moveFocus, useShortcuts } from "@/components/data-table/use-shortcuts";
import { compact } from "@/components/query";
import { RunTable } from "@/components/runs/run-table";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { PageSkeleton } from "@/components/ui/skeleton";
import type { Page } from "@/lib/domain/page";
import type { RunRow } from "@/lib/domain/run/types";
import { runStates } from "@/lib/words";
import { type ActivityParams, activityParams } from "./search-params";

const shortcuts = [
  { keys: ["j", "k"], does: "Next and previous run" },
  { keys: ["Enter"], does: "Open the run" },
  { keys: ["p"], does: "Pause and resume live updates" },
  { keys: ["?"], does: "Show this list" },
];

export type ActivityClientProps = {
  projectId: string;
  initial: Page<RunRow>;
  initialParams: ActivityParams;
  workflows: Choice[];
};

export function ActivityClient({ projectId, initial, initialParams, workflows }: ActivityClientProps) {
  const [params, setParams] = useQueryStates(activityParams, { history: "replace", shallow: true });
  const [paused, setPaused] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const filterKey = JSON.stringify(compact(params));
  const fetchPage = useCallback(
    (cursor: string | null, signal?: AbortSignal) =>
      getJson<Page<RunRow>>(
        withQuery(`/api/projects/${projectId}/runs`, { ...JSON.parse(filterKey), cursor, limit: 50 }),
        signal,
      ),
    [projectId, filterKey],
  );
  const list = useLiveList<RunRow>({
    projectId,
    topic: "runs",
    filterKey,
    initial,
    initialKey: JSON.stringify(compact(initialParams)),
    fetchPage,
    paused,
    isAtTop: isPageAtTop,
  });
  useShortcuts({
    j: () => moveFocus("a[data-row]", 1),
    k: () => moveFocus("a[data-row]", -1),
    p: () => setPaused(!paused),
    "?": () => setHelpOpen(true),
  });

  return (
    <>
      <PageHeader
        title="Activity history"
        actions={
          <>
            <LiveSwitch state={list.live} paused={paused} onPausedChange={setPaused} />
            <Button
              variant="ghost"
              size="icon"
              aria-label="Keyboard shortcuts"
              onClick={() => setHelpOpen(true)}
              className="max-sm:hidden"
            >
              <Keyboard aria-hidden />
            </Button>
          </>
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <ChoiceFilter
          label="State"
          all="Any state"
          value={params.state}
          choices={runStates.map((value) => ({ value, label: value }))}
          onChange={(value) => void setParams({ state: activityParams.state.parse(value ?? "") })}
        />
        <ChoiceFilter
          label="Workflow"
          all="Any workflow"
          value={params.workflow}
          choices={workflows}
          onChange={(workflow) => void setParams({ workflow })}
        />
        <DateFilter from={params.from} to={params.to} onChange={(dates) => void setParams(dates)} />
      </div>
      <HeldRows
        count={list.held}
        noun="run"
        onShow={() => {
          window.scrollTo({ top: 0 });
          list.showHeld();
        }}
      />
      {body()}
      <ShortcutHelp open={isHelpOpen} onOpenChange={setHelpOpen} shortcuts={shortcuts} />
    </>
  );

  function body() {
    if (list.error) return <ListProblem message={list.error.message} onRetry={list.retry} />;
    if (list.isLoading) return <PageSkeleton />;
    if (list.rows.length === 0)
      return filterKey !== "{}" ? (
        <NothingMatches
          noun="run"
          onClear={() => void setParams({ state: null, workflow: null, from: null, to: null })}
        />
      ) : (
        <EmptyState
          icon={<ScrollText />}
          title="No run yet"
          action={
            <Button asChild>
              <Link href={`/p/${projectId}/inbox`}>Go to the inbox</Link>
            </Button>
          }
        >
          Every execution of a workflow is listed here, with its state and its steps. Send a message to the
          inbox and its run appears by itself.
        </EmptyState>
      );
    return (
      <>
        <RunTable projectId={projectId} rows={list.rows} freshIds={list.freshIds} />
        <ListFoot
          hasOlder={list.hasOlder}
          isLoading={list.isLoadingOlder}
          onOlder={list.loadOlder}
          end="No older runs."
        />
      </>
    );
  }
}
