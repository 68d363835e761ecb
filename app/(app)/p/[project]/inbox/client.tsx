"use client";
import { Keyboard, Link2 } from "lucide-react";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useCallback, useState } from "react";
import { getJson, withQuery } from "@/components/api";
import { type Choice, ChoiceFilter, DateFilter, TextFilter } from "@/components/data-table/filters";
import { HeldRows, isPageAtTop, ListFoot } from "@/components/data-table/list-foot";
import { ListProblem, NothingMatches } from "@/components/data-table/list-states";
import { LiveSwitch } from "@/components/data-table/live-switch";
import { ShortcutHelp } from "@/components/data-table/shortcut-help";
import { useLiveList } from "@/components/data-table/use-live-list";
import { moveFocus, useShortcuts } from "@/components/data-table/use-shortcuts";
import { EmptyInbox } from "@/components/inbox/empty-inbox";
import type { ExampleRequest } from "@/components/inbox/example-request";
import { MessageTable } from "@/components/inbox/message-table";
import { compact } from "@/components/query";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { PageHeader } from "@/components/ui/page-header";
import { PageSkeleton } from "@/components/ui/skeleton";
import type { MessageRow } from "@/lib/domain/message/types";
import type { Page } from "@/lib/domain/page";
import { type InboxParams, inboxParams } from "./search-params";

const stateChoices: Choice[] = [
  { value: "failure", label: "A job failed" },
  { value: "in_progress", label: "In progress" },
  { value: "waiting", label: "Waiting to start" },
  { value: "success", label: "A job succeeded" },
  { value: "unmatched", label: "No trigger matched" },
];

const shortcuts = [
  { keys: ["j", "k"], does: "Next and previous message" },
  { keys: ["Enter"], does: "Open the receipt inspector" },
  { keys: ["/"], does: "Search" },
  { keys: ["p"], does: "Pause and resume live updates" },
  { keys: ["?"], does: "Show this list" },
];

export type InboxClientProps = {
  projectId: string;
  initial: Page<MessageRow>;
  initialParams: InboxParams;
  inboxUrl: string;
  isInboxEnabled: boolean;
  jobs: Choice[];
  example: ExampleRequest;
};

export function InboxClient(props: InboxClientProps) {
  const { projectId } = props;
  const [params, setParams] = useQueryStates(inboxParams, { history: "replace", shallow: true });
  const [paused, setPaused] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const filter = compact(params);
  const filterKey = JSON.stringify(filter);
  const fetchPage = useCallback(
    (cursor: string | null, signal?: AbortSignal) =>
      getJson<Page<MessageRow>>(
        withQuery(`/api/projects/${projectId}/messages`, { ...JSON.parse(filterKey), cursor, limit: 50 }),
        signal,
      ),
    [projectId, filterKey],
  );
  const list = useLiveList<MessageRow>({
    projectId,
    topic: "messages",
    filterKey,
    initial: props.initial,
    initialKey: JSON.stringify(compact(props.initialParams)),
    fetchPage,
    paused,
    isAtTop: isPageAtTop,
  });
  useShortcuts({
    j: () => moveFocus("a[data-row]", 1),
    k: () => moveFocus("a[data-row]", -1),
    "/": () => document.getElementById("inbox-search")?.focus(),
    p: () => setPaused(!paused),
    "?": () => setHelpOpen(true),
  });
  const isFiltered = filterKey !== "{}";
  const hrefOf = (messageId: string, step?: string | null) =>
    withQuery(`/p/${projectId}/inbox/${messageId}`, { ...filter, step });

  return (
    <>
      <PageHeader
        title="Inbox"
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
            <CopyButton
              text={props.inboxUrl}
              label="Copy inbox URL"
              done="Inbox URL copied"
              icon={<Link2 aria-hidden />}
            />
          </>
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <TextFilter
          id="inbox-search"
          label="Search messages"
          value={params.text}
          onChange={(text) => void setParams({ text })}
        />
        <ChoiceFilter
          label="State"
          all="Any state"
          value={params.state}
          choices={stateChoices}
          onChange={(value) => void setParams({ state: inboxParams.state.parse(value ?? "") })}
        />
        <ChoiceFilter
          label="Job"
          all="Any job"
          value={params.job}
          choices={props.jobs}
          onChange={(job) => void setParams({ job })}
        />
        <DateFilter from={params.from} to={params.to} onChange={(dates) => void setParams(dates)} />
      </div>
      <HeldRows
        count={list.held}
        noun="message"
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
    if (list.rows.length === 0 && !list.hasOlder) {
      return isFiltered ? (
        <NothingMatches
          noun="message"
          onClear={() => void setParams({ state: null, job: null, text: null, from: null, to: null })}
        />
      ) : (
        <EmptyInbox example={props.example} isEnabled={props.isInboxEnabled} />
      );
    }
    return (
      <>
        {props.isInboxEnabled ? null : (
          <p
            role="status"
            data-status="rejected"
            className="mb-3 rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2 text-(--status)"
          >
            The inbox URL is switched off and refuses messages.{" "}
            <Link href={`/p/${projectId}/settings`} className="underline">
              Settings
            </Link>
          </p>
        )}
        {list.rows.length > 0 ? (
          <MessageTable rows={list.rows} hrefOf={hrefOf} freshIds={list.freshIds} />
        ) : null}
        <ListFoot
          older={params.text ? "Search further back" : "Show older"}
          hasOlder={list.hasOlder}
          isLoading={list.isLoadingOlder}
          onOlder={list.loadOlder}
          end={params.text ? "That is everything that matches." : "No older messages."}
        />
      </>
    );
  }
}
