"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, PencilLine } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { type ComponentProps, type ReactNode, useEffect, useState } from "react";
import { api, withQuery } from "@/components/api";
import { CopyAsMenu } from "@/components/copy-as/copy-as-menu";
import { ShortcutHelp } from "@/components/data-table/shortcut-help";
import { useShortcuts } from "@/components/data-table/use-shortcuts";
import { useTerms } from "@/components/data-table/use-terms";
import { IssueLinks } from "@/components/issues/issue-links";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import { useMayDownload } from "@/components/masks/downloads";
import { MaskingNotice } from "@/components/masks/masking-notice";
import { compact } from "@/components/query";
import { JobStateList } from "@/components/receipt/job-state-list";
import { NoteHead } from "@/components/receipt/note-head";
import { ReadAsDialog } from "@/components/receipt/read-as-dialog";
import { isVeiled, RequestView } from "@/components/receipt/request-view";
import { RerunMenu, type RerunRequest } from "@/components/receipt/rerun-menu";
import { ResendDialog } from "@/components/receipt/resend-dialog";
import { TestedByYou } from "@/components/receipt/tested-by-you";
import { Timeline } from "@/components/receipt/timeline";
import { isRepairable, useRepairDialog } from "@/components/repair/use-repair-dialog";
import { useRerun } from "@/components/rerun/use-rerun";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { toast } from "@/components/ui/toast";
import type { MessageFilter } from "@/lib/domain/message/filter";
import type { MessageDetail } from "@/lib/domain/message/types";
import { receiptParams } from "./search-params";

const shortcuts = [
  { keys: ["j", "k"], does: "Older and newer message of the list" },
  { keys: ["r"], does: "Rerun all" },
  { keys: ["e"], does: "Edit and resend" },
  { keys: ["f"], does: "Fix the job that failed" },
  { keys: ["u"], does: "Back to the inbox" },
  { keys: ["?"], does: "Show this list" },
];

export type ReceiptClientProps = {
  initial: MessageDetail;
  /** Where the project's URLs are. */
  at: { origin: string; inboxUrl: string };
  may: { rerun: boolean; resend: boolean; write: boolean };
  /** The reader's tests of drafts on it; null for who may make none. */
  tests: ComponentProps<typeof TestedByYou>["initial"] | null;
};

export function ReceiptClient({ initial, at, may: allowed, tests }: ReceiptClientProps) {
  const { projectId } = initial;
  // What came to a draft's test URL begins nothing live.
  const may = initial.source === "test" ? { ...allowed, rerun: false, resend: false } : allowed;
  const router = useRouter();
  const [params, setParams] = useQueryStates(receiptParams, { history: "replace", shallow: true });
  const { step, tab, ...list } = params;
  const filter = compact(list);
  const terms = useTerms(list.text);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isResendOpen, setResendOpen] = useState(false);
  const [isReadAsOpen, setReadAsOpen] = useState(false);
  const { message, refetch } = useMessage(initial, filter);
  const { rerun, isBusy, question } = useMessageRerun(message, () => void refetch());
  const { repair, dialog } = useRepairDialog({ projectId, mayRerun: may.rerun });
  const mayDownload = useMayDownload();
  const [choice, setChoice] = useState<string | null>(() => step ?? stepToShow(initial));
  useEffect(() => {
    if (step) reveal(step);
  }, [step]);
  const openStep = (stepId: string | null, on: typeof tab = null) => {
    setChoice(stepId);
    void setParams({ step: stepId, tab: on });
  };
  const inboxHref = withQuery(`/p/${projectId}/inbox`, filter);
  const hrefOf = (messageId: string) => withQuery(`/p/${projectId}/inbox/${messageId}`, filter);
  const go = (messageId: string | null) => messageId && router.push(hrefOf(messageId));
  useShortcuts({
    j: () => go(message.older),
    k: () => go(message.newer),
    u: () => router.push(inboxHref),
    ...(may.rerun ? { r: () => rerun({ all: true }) } : {}),
    ...(may.resend && !message.wiped && !isVeiled(message) ? { e: () => setResendOpen(true) } : {}),
    ...(may.write ? { f: () => repairShown() } : {}),
    "?": () => setHelpOpen(true),
  });
  const repairShown = () => {
    const steps = message.workOrders
      .flatMap(({ runs }) => runs.flatMap((run) => run.steps))
      .filter(isRepairable);
    const shown = steps.find(({ id }) => id === choice) ?? steps.at(-1);
    if (shown) repair(shown);
  };

  return (
    <>
      <PageHeader
        title="Receipt"
        parent={<Link href={inboxHref}>Inbox</Link>}
        actions={
          <>
            <Neighbour
              href={message.newer && hrefOf(message.newer)}
              label="Newer message"
              icon={<ChevronUp aria-hidden />}
            />
            <Neighbour
              href={message.older && hrefOf(message.older)}
              label="Older message"
              icon={<ChevronDown aria-hidden />}
            />
            {may.resend ? (
              <Button
                variant="outline"
                onClick={() => setResendOpen(true)}
                disabled={message.body.encoding === "base64" || message.wiped !== null || isVeiled(message)}
              >
                <PencilLine aria-hidden /> Edit and resend
              </Button>
            ) : null}
            {may.rerun ? <RerunMenu message={message} isBusy={isBusy} onRerun={rerun} /> : null}
          </>
        }
      />
      <div className="grid gap-4">
        <JobStateList
          message={message}
          isBusy={isBusy}
          onOpenStep={(stepId) => openStep(stepId)}
          onRerunJob={may.rerun ? (jobId) => rerun({ jobId }) : undefined}
        />
        <NoteHead message={message} hrefOf={hrefOf} />
        <IssueLinks projectId={projectId} issues={message.workOrders.flatMap(({ issues }) => issues)} />
        {tests ? <TestedByYou projectId={projectId} messageId={message.id} initial={tests} /> : null}
        <MaskingNotice {...message} of={{ messageId: message.id }} />
        <div className="grid items-start gap-x-5 gap-y-6 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
          <section aria-labelledby="request" className="min-w-0">
            <h2 id="request" className="mb-2 font-semibold text-[15px]">
              What arrived
            </h2>
            <RequestView
              message={message}
              terms={terms}
              copyAs={
                mayDownload && !isVeiled(message) && !message.wiped && message.source !== "test" ? (
                  <CopyAsMenu message={message} {...at} />
                ) : null
              }
              readAs={
                may.resend && !isVeiled(message) ? (
                  <Button size="sm" variant="outline" onClick={() => setReadAsOpen(true)}>
                    Read as …
                  </Button>
                ) : null
              }
            />
          </section>
          <section aria-labelledby="timeline" className="min-w-0">
            <h2 id="timeline" className="mb-2 font-semibold text-[15px]">
              What was done with it
            </h2>
            <Timeline
              message={message}
              open={{ stepId: choice, tab }}
              onOpenChange={(open) => openStep(open.stepId, open.tab)}
              onRerunJob={may.rerun ? (jobId) => rerun({ jobId }) : undefined}
              onRepair={may.write ? repair : undefined}
              isBusy={isBusy}
            />
          </section>
        </div>
      </div>
      {may.resend ? (
        <>
          <ResendDialog
            message={message}
            open={isResendOpen}
            onOpenChange={setResendOpen}
            onSent={(messageId) => {
              toast.success("Sent as a new message.");
              router.push(hrefOf(messageId));
            }}
          />
          <ReadAsDialog
            message={message}
            open={isReadAsOpen}
            onOpenChange={setReadAsOpen}
            onSent={(messageId) => {
              toast.success("Processed as a new message.");
              router.push(hrefOf(messageId));
            }}
          />
        </>
      ) : null}
      {question}
      {dialog}
      <ShortcutHelp open={isHelpOpen} onOpenChange={setHelpOpen} shortcuts={shortcuts} />
    </>
  );
}

function Neighbour({ href, label, icon }: { href: string | null; label: string; icon: ReactNode }) {
  if (!href)
    return (
      <Button variant="outline" size="icon" aria-label={label} disabled>
        {icon}
      </Button>
    );
  return (
    <Button asChild variant="outline" size="icon">
      <Link href={href} aria-label={label} title={label}>
        {icon}
      </Link>
    </Button>
  );
}

/** The message, kept current: by hints, and while something is unfinished also by asking now and then. */
function useMessage(initial: MessageDetail, filter: MessageFilter) {
  const { projectId, id } = initial;
  const { data: message, refetch } = useQuery({
    queryKey: ["message", projectId, id, JSON.stringify(filter)],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/messages/[id]", {
        params: { project: projectId, id },
        query: filter,
        signal,
      }),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data && isUnfinished(state.data) ? 4_000 : false),
  });
  const refresh = useRefresh(refetch);
  useLive(projectId, {
    gatherMs: 150,
    onHint: (hints) => {
      const runIds = new Set(message.workOrders.flatMap((order) => order.runs.map((run) => run.id)));
      if (
        concerns(hints, "messages", new Set([id])) ||
        concerns(hints, "runs", runIds) ||
        issuesConcern(hints, message)
      )
        refresh();
    },
  });
  return { message, refetch };
}

/** An issue of its own may just have been made. */
const issuesConcern = (hints: Parameters<typeof concerns>[0], { workOrders }: MessageDetail): boolean =>
  workOrders.some(({ state, issues }) => issues.length > 0 || state !== "success") &&
  concerns(hints, "issues");

const isUnfinished = (message: MessageDetail) =>
  message.jobTotals.in_progress > 0 ||
  message.workOrders.some((order) => order.runs.some((run) => run.finishedAt === null));

function useMessageRerun(message: MessageDetail, onDone: () => void) {
  const params = { project: message.projectId, id: message.id };
  return useRerun<RerunRequest>({
    projectId: message.projectId,
    preview: ({ all: _, ...query }) =>
      api("GET /api/projects/[project]/messages/[id]/rerun", { params, query }),
    send: ({ all: _, ...body }) => api("POST /api/projects/[project]/messages/[id]/rerun", { params, body }),
    done: ({ length }) => {
      toast.success(length === 1 ? "One run has been queued." : `${length} runs have been queued.`);
      onDone();
    },
  });
}

/** On a phone the timeline lies far below the states that lead to it. */
function reveal(stepId: string): void {
  document.querySelector(`[data-step="${CSS.escape(stepId)}"]`)?.scrollIntoView({ block: "nearest" });
}

/** What a reader wants to see first: the step behind a failure. */
function stepToShow(message: MessageDetail): string | null {
  const failures = message.jobStates.filter((state) => state.result === "failure");
  return (failures.find((state) => !state.handled) ?? failures[0])?.stepId ?? null;
}
