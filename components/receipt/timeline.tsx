"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { RotateCcw, Wrench } from "lucide-react";
import Link from "next/link";
import { useEffect, useEffectEvent, useState } from "react";
import { api } from "@/components/api";
import { isRepairable } from "@/components/repair/use-repair-dialog";
import { ReleaseButton } from "@/components/runs/release-button";
import { StepLine } from "@/components/runs/step-line";
import { StepPanel, type StepTab } from "@/components/runs/step-panel";
import { startWords } from "@/components/runs/wait-words";
import { Button } from "@/components/ui/button";
import { ExplainedRun, ExplainedType } from "@/components/ui/explained";
import { formatDuration } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { RunChip } from "@/components/ui/status-chip";
import type { MessageDetail, RunWithSteps, WorkOrderDetail } from "@/lib/domain/message/types";
import type { StepSummary } from "@/lib/domain/run/types";
import { OtherTriggers, Unmatched } from "./matching";

export type TimelineProps = {
  message: MessageDetail;
  open: { stepId: string | null; tab: StepTab | null };
  onOpenChange: (open: { stepId: string | null; tab: StepTab | null }) => void;
  /** Undefined for roles that may not. */
  onRerunJob: ((jobId: string) => void) | undefined;
  /** Undefined for roles that may not. */
  onRepair: ((step: StepSummary) => void) | undefined;
  isBusy: boolean;
};

/** Every hand the message passed through: work orders, their attempts, and each attempt's steps. */
export function Timeline(props: TimelineProps) {
  const { earlier, ...history } = useHistory(props.message, props.open.stepId);
  const workOrders = joined(history.pages, props.message.workOrders);
  if (workOrders.length === 0)
    return <Unmatched message={props.message} mayWrite={props.onRepair !== undefined} />;
  return (
    <>
      {earlier ? (
        <p className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 text-muted-foreground text-xs">
          <Button variant="outline" size="sm" disabled={history.isLoading} onClick={history.more}>
            {history.isLoading ? "Loading…" : "Show earlier runs"}
          </Button>
          {history.error ? <span role="alert">{history.error.message}</span> : null}
        </p>
      ) : null}
      <ol className="grid grid-cols-1 gap-4">
        {workOrders.map((order) => (
          <WorkOrder key={order.id} order={order} {...props} />
        ))}
      </ol>
      {props.message.triggerId === null ? (
        <OtherTriggers message={props.message} mayWrite={props.onRepair !== undefined} />
      ) : null}
    </>
  );
}

/** How many earlier pages are read by themselves to find the step that the address names. */
const soughtPages = 10;

/**
 * Runs before the ones that the message names, a page at a time: once somebody asks, or to find the step that is open. The first
 * page begins with the newest, so that what moves out of the message while others are added is not missed.
 */
function useHistory({ projectId, id, earlier, workOrders }: MessageDetail, stepId: string | null) {
  const [isWanted, setWanted] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["history", projectId, id],
    queryFn: ({ pageParam, signal }) =>
      api("GET /api/projects/[project]/messages/[id]/history", {
        params: { project: projectId, id },
        query: { limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pages = list.data?.pages.map(({ items }) => items) ?? [];
  const more = () => (isWanted ? void list.fetchNextPage() : setWanted(true));
  const isMore = isWanted ? list.hasNextPage || pages.length === 0 : earlier !== null;
  const has = (orders: WorkOrderDetail[], step: string) =>
    orders.some(({ runs }) => runs.some(({ steps }) => steps.some((one) => one.id === step)));
  const isShown = stepId === null || [...pages, workOrders].some((orders) => has(orders, stepId));
  const isSought = !isShown && isMore && pages.length < soughtPages && !list.isError;
  const named = entriesOf(workOrders);
  const isGap = pages[0] !== undefined && !entriesOf(pages[0]).some((one) => named.includes(one));
  const oldest = named[0];
  const seek = useEffectEvent(more);
  const again = useEffectEvent(() => void list.refetch());
  // Once for what the message names: where what it names is gone, nothing joins.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (isGap) again();
  }, [isGap, oldest]);
  useEffect(() => {
    if (isSought && !list.isFetching) seek();
  }, [isSought, list.isFetching]);
  return {
    pages: pages.toReversed(),
    earlier: isMore,
    isLoading: list.isFetching,
    error: list.error,
    more,
  };
}

/** Ids of what a page counts: runs, and work orders without any. */
const entriesOf = (orders: WorkOrderDetail[]): string[] =>
  orders.flatMap(({ id, runs }) => (runs.length === 0 ? [id] : runs.map((run) => run.id)));

/** Work orders of several pages, the oldest first, each once with the runs of all. */
function joined(pages: WorkOrderDetail[][], newest: WorkOrderDetail[]): WorkOrderDetail[] {
  const orders = new Map<string, WorkOrderDetail>();
  for (const order of [...pages, newest].flat()) {
    const before = orders.get(order.id)?.runs ?? [];
    const now = new Set(order.runs.map((run) => run.id));
    orders.set(order.id, { ...order, runs: [...before.filter((run) => !now.has(run.id)), ...order.runs] });
  }
  return [...orders.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function WorkOrder({ order, ...props }: TimelineProps & { order: WorkOrderDetail }) {
  return (
    <li className="overflow-hidden rounded-lg border bg-card">
      <div className="flex items-center justify-between gap-3 border-b bg-muted/40 px-3 py-2">
        <h3 className="min-w-0 truncate font-semibold">
          <Link
            href={`/p/${props.message.projectId}/workflows/${order.workflowId}`}
            className="hover:underline"
          >
            {order.workflowName}
          </Link>
        </h3>
        <ExplainedRun run={order} />
      </div>
      {order.state === "rejected" ? (
        <Rejected
          order={order}
          projectId={props.message.projectId}
          mayRelease={props.onRerunJob !== undefined}
        />
      ) : null}
      <ol>
        {order.runs.map((run, index) => (
          <li key={run.id}>
            {index > 0 ? <div className="tear mx-3" /> : null}
            <Attempt run={run} {...props} />
          </li>
        ))}
      </ol>
    </li>
  );
}

const causes = {
  month: "The plan had no run left this month when it came, so no job ran.",
  minute: "The plan had no run left in that minute, so no job ran.",
} as const;

function Rejected({
  order,
  projectId,
  mayRelease,
}: {
  order: WorkOrderDetail;
  projectId: string;
  mayRelease: boolean;
}) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 px-3 py-2.5 text-muted-foreground text-xs">
      <p>
        {causes[order.rejectedFor ?? "month"]}{" "}
        <Link href={`/p/${projectId}/usage`} className="text-accent hover:underline">
          Usage
        </Link>
      </p>
      {mayRelease ? <ReleaseButton projectId={projectId} order={order} /> : null}
    </div>
  );
}

function Attempt({
  run,
  message,
  open,
  onOpenChange,
  onRerunJob,
  onRepair,
  isBusy,
}: TimelineProps & { run: RunWithSteps }) {
  const tookMs =
    run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  return (
    <div className="px-3 py-2.5">
      <div className="mb-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xs">
        <Link
          href={`/p/${message.projectId}/runs/${run.id}`}
          prefetch={false}
          className="nums font-semibold text-accent hover:underline"
        >
          Run {run.attempt}
        </Link>
        <RunChip run={run} className="h-5" />
        <span className="nums text-muted-foreground">
          <RelativeTime value={run.startedAt ?? run.createdAt} />
          {tookMs === null ? "" : `, took ${formatDuration(tookMs)}`}
          {run.createdBy ? `, by ${run.createdBy}` : ""}
        </span>
      </div>
      {run.errorMessage && run.steps.every((step) => !step.error) ? (
        <p data-status={run.state} className="mb-1 text-(--status) [overflow-wrap:anywhere]">
          {run.errorType ? <ExplainedType type={run.errorType} className="mr-1" /> : null}
          {run.errorMessage}
        </p>
      ) : null}
      {run.steps.length === 0 ? (
        <p className="text-muted-foreground text-xs">
          {run.finishedAt ? "No job ran." : startWords(run.waitsFor)}
        </p>
      ) : (
        <ol className="grid grid-cols-1">
          {run.steps.map((step) => {
            const isOpen = !step.linked && open.stepId === step.id;
            return (
              <StepLine
                key={`${step.id}${step.linked}`}
                step={step}
                isOpen={isOpen}
                onToggle={() => onOpenChange({ stepId: isOpen ? null : step.id, tab: null })}
                action={
                  <>
                    {onRepair && isRepairable(step) ? (
                      <Button
                        size="icon-sm"
                        variant="ghost"
                        aria-label={`Repair ${step.jobName}, which failed`}
                        title={`Repair ${step.jobName}`}
                        onClick={() => onRepair(step)}
                      >
                        <Wrench aria-hidden />
                      </Button>
                    ) : null}
                    {onRerunJob &&
                    !step.linked &&
                    step.exitReason !== null &&
                    step.exitReason !== "success" ? (
                      <Button
                        size="icon-sm"
                        variant="ghost"
                        disabled={isBusy}
                        aria-label={`Rerun ${step.jobName} for this message`}
                        title={`Rerun ${step.jobName}`}
                        onClick={() => onRerunJob(step.jobId)}
                      >
                        <RotateCcw aria-hidden />
                      </Button>
                    ) : null}
                  </>
                }
              >
                <StepPanel
                  projectId={message.projectId}
                  step={step}
                  tab={open.tab}
                  onTabChange={(tab) => onOpenChange({ stepId: step.id, tab })}
                  mayDryRun={onRerunJob !== undefined}
                  onRepair={onRepair && isRepairable(step) ? () => onRepair(step) : undefined}
                />
              </StepLine>
            );
          })}
        </ol>
      )}
      {run.stepTotal > run.steps.length ? (
        <p className="mt-1 text-muted-foreground text-xs">
          {run.steps.length} of {run.stepTotal} steps: those that need attention, then the newest. The run's
          page has all.
        </p>
      ) : null}
    </div>
  );
}
