"use client";
import { Download, ScrollText } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useCallback } from "react";
import { api, apiPath, withQuery } from "@/components/api";
import { BulkBar } from "@/components/bulk/bulk-bar";
import { useSelection } from "@/components/bulk/use-selection";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import type { Choice } from "@/components/data-table/choice-list";
import { DateFilter, TextFilter } from "@/components/data-table/filters";
import { type ListQuery, LiveListPage } from "@/components/data-table/live-list-page";
import { SearchChoice } from "@/components/data-table/search-choice";
import { useTerms } from "@/components/data-table/use-terms";
import { useMayDownload } from "@/components/masks/downloads";
import { compact } from "@/components/query";
import { RunTable } from "@/components/runs/run-table";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { Page } from "@/lib/domain/page";
import type { RunRow } from "@/lib/domain/run/types";
import { runSets, runStates } from "@/lib/words";
import { runSetInfo } from "@/lib/workflow/outcome";
import { type ActivityParams, activityParams } from "./search-params";

const stateChoices: Choice[] = [
  ...runSets.map((value) => ({ value, label: runSetInfo[value].label, group: "What did not go well" })),
  ...runStates.map((value) => ({ value, label: value, group: "State of the run" })),
];

const searchId = "activity-search";

export type ActivityClientProps = {
  projectId: string;
  initial: Page<RunRow>;
  initialParams: ActivityParams;
  mayRelease: boolean;
  /** The workflow that the address names. */
  workflow: Choice | undefined;
};

export function ActivityClient({
  projectId,
  initial,
  initialParams,
  mayRelease,
  workflow,
}: ActivityClientProps) {
  const [params, setParams] = useQueryStates(activityParams, { history: "replace", shallow: true });
  const fetchPage = useCallback(
    (query: ListQuery<ActivityParams>, signal?: AbortSignal) =>
      api("GET /api/projects/[project]/runs", {
        params: { project: projectId },
        query,
        ...(signal ? { signal } : {}),
      }),
    [projectId],
  );

  const searchWorkflows = useCallback(
    async (text: string, signal: AbortSignal) => {
      const page = await api("GET /api/projects/[project]/workflows", {
        params: { project: projectId },
        query: { text: text || null, limit: 50 },
        signal,
      });
      const choices = page.items.map(({ id, name }) => ({ value: id, label: name }));
      return { choices, isMore: page.nextCursor !== null };
    },
    [projectId],
  );

  const mayDownload = useMayDownload();
  const terms = useTerms(params.text);
  const filter = compact(params);
  const selection = useSelection(JSON.stringify(filter));
  const isRejected = params.state === "rejected";
  const target = isRejected ? "rejected" : "runs";
  // What the plan keeps from running stands among the runs, and is none.
  const canChoose = (run: RunRow) => isRejected === (run.state === "rejected");

  return (
    <LiveListPage
      title="Activity history"
      noun="run"
      opens="run"
      projectId={projectId}
      topic="runs"
      fetchPage={fetchPage}
      params={params}
      initial={initial}
      initialParams={initialParams}
      onClearFilter={() => void setParams(null)}
      searchId={searchId}
      filters={
        <>
          <TextFilter
            id={searchId}
            label="Search runs"
            value={params.text}
            onChange={(text) => void setParams({ text })}
          />
          <ChoiceFilter
            label="State"
            all="Any state"
            value={params.state}
            choices={stateChoices}
            onChange={(value) => void setParams({ state: activityParams.state.parse(value ?? "") })}
          />
          <SearchChoice
            label="Workflow"
            all="Any workflow"
            value={params.workflow}
            chosen={workflow}
            searchKey={["workflows", projectId]}
            search={searchWorkflows}
            onChange={(workflow) => void setParams({ workflow })}
          />
          <DateFilter from={params.from} to={params.to} onChange={(dates) => void setParams(dates)} />
        </>
      }
      actions={
        mayDownload ? (
          <Button asChild variant="outline">
            <a
              href={withQuery(
                apiPath("/api/projects/[project]/runs/export", { project: projectId }),
                compact(params),
              )}
              download
            >
              <Download aria-hidden />
              CSV
            </a>
          </Button>
        ) : null
      }
      empty={<NoRunYet projectId={projectId} />}
      table={(rows, freshIds) => (
        <>
          {mayRelease ? (
            <BulkBar
              {...{ projectId, target, selection }}
              shown={rows.filter(canChoose).map(({ id }) => id)}
              filter={isRejected ? rejectedFilter(filter) : filter}
            />
          ) : null}
          <RunTable
            {...{ projectId, rows, freshIds, mayRelease, terms, canChoose }}
            selection={mayRelease ? selection : undefined}
          />
        </>
      )}
      isSearch={params.text !== null}
      end="No older runs."
    />
  );
}

/** Rejected work orders are found by their time alone. */
const rejectedFilter = ({ state: _, ...filter }: Record<string, string>) =>
  Object.keys(filter).every((key) => key === "from" || key === "to") ? filter : null;

const NoRunYet = ({ projectId }: { projectId: string }) => (
  <EmptyState
    icon={<ScrollText />}
    title="No run yet"
    action={
      <Button asChild>
        <Link href={`/p/${projectId}/inbox`}>Go to the inbox</Link>
      </Button>
    }
  >
    Every execution of a workflow is listed here, with its state and its steps. Send a message to the inbox
    and its run appears by itself.
  </EmptyState>
);
