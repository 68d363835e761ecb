"use client";
import { Link2 } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useCallback } from "react";
import { ApiError, api, apiLines, withQuery } from "@/components/api";
import { BulkBar } from "@/components/bulk/bulk-bar";
import { useSelection } from "@/components/bulk/use-selection";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import type { Choice } from "@/components/data-table/choice-list";
import { DateFilter, TextFilter } from "@/components/data-table/filters";
import { type ListQuery, LiveListPage } from "@/components/data-table/live-list-page";
import { SearchChoice } from "@/components/data-table/search-choice";
import type { Reading } from "@/components/data-table/use-live-list";
import { useTerms } from "@/components/data-table/use-terms";
import type { ExampleRequest } from "@/components/inbox/example-request";
import { MessageTable } from "@/components/inbox/message-table";
import { SendDialog } from "@/components/inbox/send/send-dialog";
import { compact } from "@/components/query";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Skeleton } from "@/components/ui/skeleton";
import type { MessageRow } from "@/lib/domain/message/types";
import type { Page } from "@/lib/domain/page";
import type { JobRow } from "@/lib/domain/workflow/jobs";
import { messageSetInfo } from "@/lib/workflow/outcome";
import { type InboxParams, inboxParams } from "./search-params";

const EmptyInbox = dynamic(
  () => import("@/components/inbox/empty-inbox").then((module) => module.EmptyInbox),
  { ssr: false, loading: () => <Skeleton className="h-80" /> },
);

const { in_progress, success, ...failures } = messageSetInfo;
const choice = ([value, { label }]: [string, { label: string }], group: string): Choice => ({
  value,
  label,
  group,
});
const stateChoices: Choice[] = [
  ...Object.entries({ ...failures, rejected: { label: "Rejected by the plan" } }).map((entry) =>
    choice(entry, "What did not go well"),
  ),
  ...Object.entries({
    in_progress,
    waiting: { label: "Waiting to start" },
    success,
    unmatched: { label: "No trigger matched" },
    test: { label: "Came to a test URL" },
  }).map((entry) => choice(entry, "Everything else")),
];

const searchId = "inbox-search";

const jobChoice = ({ id, name, workflowName }: JobRow): Choice => ({
  value: id,
  label: name,
  group: workflowName,
});

export type InboxClientProps = {
  projectId: string;
  /** Null of a search, which the page reads as it comes. */
  initial: Page<MessageRow> | null;
  initialParams: InboxParams;
  inboxUrl: string;
  /** Where this installation answers. */
  origin: string;
  isInboxEnabled: boolean;
  mayCreate: boolean;
  /** Whether the viewer's role may change the project's settings. */
  mayUpdate: boolean;
  /** Whether something can be done with many messages at once. */
  mayAct: boolean;
  /** The job that the address names. */
  job: Choice | undefined;
  example: ExampleRequest;
};

export function InboxClient(props: InboxClientProps) {
  const { projectId, origin, inboxUrl } = props;
  const place = { projectId, origin, inboxUrl };
  const [params, setParams] = useQueryStates(inboxParams, { history: "replace", shallow: true });
  const fetchPage = useCallback(
    (query: ListQuery<InboxParams>, signal?: AbortSignal, reading?: Reading<MessageRow>) =>
      query.text && reading
        ? searched(projectId, query, reading, signal)
        : api("GET /api/projects/[project]/messages", {
            params: { project: projectId },
            query,
            ...(signal ? { signal } : {}),
          }),
    [projectId],
  );
  const searchJobs = useCallback(
    async (text: string, signal: AbortSignal) => {
      const page = await api("GET /api/projects/[project]/jobs", {
        params: { project: projectId },
        query: { text: text || null, limit: 50 },
        signal,
      });
      return { choices: page.items.map(jobChoice), isMore: page.nextCursor !== null };
    },
    [projectId],
  );
  const terms = useTerms(params.text);
  const filter = compact(params);
  const selection = useSelection(JSON.stringify(filter));
  const hrefOf = (messageId: string, step?: string | null) =>
    withQuery(`/p/${projectId}/inbox/${messageId}`, { ...params, step });

  return (
    <LiveListPage
      title="Inbox"
      noun="message"
      opens="receipt inspector"
      projectId={projectId}
      topic="messages"
      fetchPage={fetchPage}
      params={params}
      initial={props.initial}
      initialParams={props.initialParams}
      onClearFilter={() => void setParams(null)}
      searchId={searchId}
      filters={
        <>
          <TextFilter
            id={searchId}
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
          <SearchChoice
            label="Job"
            all="Any job"
            value={params.job}
            chosen={props.job}
            searchKey={["jobs", projectId]}
            search={searchJobs}
            onChange={(job) => void setParams({ job })}
          />
          <DateFilter from={params.from} to={params.to} onChange={(dates) => void setParams(dates)} />
        </>
      }
      actions={
        <>
          <Button asChild variant="outline">
            <Link href={`/p/${projectId}/inbox/refused`}>Refused</Link>
          </Button>
          <SendDialog place={place} mayCreate={props.mayCreate} />
          <CopyButton
            text={props.inboxUrl}
            label="Copy inbox URL"
            done="Inbox URL copied"
            icon={<Link2 aria-hidden />}
          />
        </>
      }
      empty={
        <EmptyInbox
          place={place}
          example={props.example}
          isEnabled={props.isInboxEnabled}
          may={{ create: props.mayCreate, update: props.mayUpdate }}
        />
      }
      notice={props.isInboxEnabled ? null : <SwitchedOff projectId={projectId} mayUpdate={props.mayUpdate} />}
      table={(rows, freshIds) => (
        <>
          {props.mayAct ? (
            <BulkBar
              projectId={projectId}
              target="messages"
              selection={selection}
              shown={rows.map(({ id }) => id)}
              filter={filter}
              job={jobOf(props.job, params.job)}
            />
          ) : null}
          <MessageTable
            {...{ rows, hrefOf, freshIds, terms }}
            selection={props.mayAct ? selection : undefined}
          />
        </>
      )}
      isSearch={params.text !== null}
      end="No older messages."
    />
  );
}

/** A page of what is found, told as it comes; when the reader stops it, what there is by then. */
async function searched(
  project: string,
  query: ListQuery<InboxParams>,
  { onPart, stop }: Reading<MessageRow>,
  signal?: AbortSignal,
): Promise<Page<MessageRow>> {
  let page: Page<MessageRow> = { items: [], nextCursor: query.cursor };
  const lines = apiLines("/api/projects/[project]/messages/search", {
    params: { project },
    query,
    signal: signal ? AbortSignal.any([signal, stop]) : stop,
  });
  try {
    for await (const { items, nextCursor } of lines) {
      page = { items: [...page.items, ...items], nextCursor };
      onPart(page);
    }
  } catch (error) {
    if (!stop.aborted) throw error;
    if (page.nextCursor === null)
      throw new ApiError(499, "stopped", "The search was stopped before it had looked at anything.");
  }
  return page;
}

/** The job that the filter names, if the page knows what it is called. */
const jobOf = (known: Choice | undefined, id: string | null) =>
  id ? { id, name: known?.value === id ? known.label : "the filter's job" } : undefined;

const SwitchedOff = ({ projectId, mayUpdate }: { projectId: string; mayUpdate: boolean }) => (
  <p
    role="status"
    data-status="rejected"
    className="mb-3 rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2 text-(--status)"
  >
    The inbox URL is switched off and refuses messages.{" "}
    {mayUpdate ? (
      <Link href={`/p/${projectId}/settings#inbox`} className="underline">
        Switch it on in the settings
      </Link>
    ) : (
      "An owner or admin can switch it on."
    )}
  </p>
);
