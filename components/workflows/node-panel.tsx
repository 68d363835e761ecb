"use client";
import { Pencil } from "lucide-react";
import Link from "next/link";
import { withQuery } from "@/components/api";
import { CodeView } from "@/components/code/code-view";
import { JobEntry } from "@/components/library/job-entry";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusChip, stepStatus } from "@/components/ui/status-chip";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import { follows } from "@/lib/workflow/follows";
import { retryWords } from "@/lib/workflow/retry";
import type { JobNode, TriggerNode } from "@/lib/workflow/types";
import { Address } from "./address";
import { answersWords } from "./answers-words";
import { Cell } from "./cell";
import { ChooseAdaptor } from "./choose-adaptor";
import { deliveryWords } from "./delivery-words";
import { adaptorWords, triggerName } from "./edge-words";
import { Followers, Source } from "./following";
import { Schedule } from "./schedule";

/** Null: there is none. */
export type FilterTexts = { inclusion: string | null; exclusion: string | null };

export type NodePanelProps = {
  projectId: string;
  workflow: WorkflowDetail;
  nodeId: string;
  /** Address of the project's inbox, and of one trigger by its id, or by the project's and its own path. */
  inboxUrl: string;
  urlOf: (path: string) => string;
  /** Cron expressions in words, by trigger. */
  cronWords: Record<string, string>;
  /** Message filters as JSON text, by their trigger. */
  filterTexts: Record<string, FilterTexts>;
  may: { run: boolean; write: boolean };
};

/** One node of the graph in full. */
export function NodePanel(props: NodePanelProps) {
  const { graph } = props.workflow;
  const trigger = graph.triggers.find((node) => node.id === props.nodeId);
  const job = graph.jobs.find((node) => node.id === props.nodeId);
  if (trigger) return <TriggerPanel {...props} trigger={trigger} />;
  return job ? <JobPanel {...props} job={job} /> : null;
}

const editHref = (projectId: string, workflowId: string, nodeId: string) =>
  withQuery(`/p/${projectId}/workflows/${workflowId}/edit`, { node: nodeId });

/** What the node is called, and where it is changed by those who may. */
const Heading = ({ editHref, children }: { editHref: string | null; children: string }) => (
  <div className="flex flex-wrap items-center justify-between gap-2">
    <h2 className="min-w-0 font-semibold text-[15px] [overflow-wrap:anywhere]">{children}</h2>
    {editHref ? (
      <Button asChild variant="outline" size="sm">
        <Link href={editHref} aria-label={`Edit ${children}`}>
          <Pencil aria-hidden /> Edit
        </Link>
      </Button>
    ) : null}
  </div>
);

function JobPanel({ projectId, workflow, job, may }: NodePanelProps & { job: JobNode }) {
  const { graph } = workflow;
  const last = workflow.jobs.find(({ id }) => id === job.id)?.last;
  return (
    <div className="grid gap-3">
      <Heading editHref={may.write ? editHref(projectId, workflow.id, job.id) : null}>{job.name}</Heading>
      {job.adaptorVersion === null ? (
        <ChooseAdaptor projectId={projectId} job={job} mayWrite={may.write} />
      ) : null}
      <dl className="note-grid grid-cols-1 sm:grid-cols-2 sm:[&>:last-child:nth-child(odd)]:col-span-2">
        <Cell name="Adaptor">
          {job.adaptorVersion === null ? (
            <span className="font-mono text-[13px] [overflow-wrap:anywhere]">{adaptorWords(job)}</span>
          ) : (
            <Link
              href={withQuery(`/p/${projectId}/adaptors`, {
                name: adaptorName(job.adaptor),
                version: job.adaptorVersion,
              })}
              className="font-mono text-[13px] underline decoration-input underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current"
            >
              {adaptorWords(job)}
            </Link>
          )}
        </Cell>
        <Cell name="Last run">
          {last ? (
            <Link
              href={`/p/${projectId}/runs/${last.runId}?step=${last.stepId}`}
              className="inline-flex flex-wrap items-center gap-2 hover:underline"
            >
              <StatusChip status={stepStatus(last)} />
              <RelativeTime value={last.finishedAt ?? last.startedAt} />
              {last.errorType ? <code className="font-mono text-xs">{last.errorType}</code> : null}
            </Link>
          ) : (
            "never ran"
          )}
        </Cell>
        {graph.jobLogs === false ? (
          <Cell name="Console" isWide>
            not kept in its log, but for errors
          </Cell>
        ) : null}
        {job.retry ? (
          <Cell name="Tried again by itself" isWide>
            {retryWords(job.retry)}
          </Cell>
        ) : null}
        <Cell name="Library" isWide>
          <JobEntry projectId={projectId} workflowId={workflow.id} job={job} mayWrite={may.write} />
        </Cell>
      </dl>
      <Followers projectId={projectId} followers={workflow.followers.filter((one) => one.jobId === job.id)} />
      <div className="overflow-hidden rounded-md border">
        <CodeView code={job.body} label={`Code of ${job.name}`} />
      </div>
    </div>
  );
}

function TriggerPanel({
  projectId,
  workflow,
  trigger,
  inboxUrl,
  urlOf,
  cronWords,
  filterTexts,
  may,
}: NodePanelProps & { trigger: TriggerNode }) {
  const live = workflow.triggers.find(({ id }) => id === trigger.id);
  const { leads = true } = live ?? {};
  return (
    <div className="grid gap-3">
      <Heading editHref={may.write ? editHref(projectId, workflow.id, trigger.id) : null}>
        {triggerName(trigger.type)}
      </Heading>
      <p className="text-muted-foreground leading-relaxed">
        {trigger.enabled ? explain[trigger.type] : "This trigger is switched off: it starts nothing."}
      </p>
      {leads || !trigger.enabled ? null : (
        <p
          role="status"
          data-status="rejected"
          className="rounded-md border border-(--status-line) bg-(--status-soft) px-3 py-2 text-(--status)"
        >
          No enabled edge leaves this trigger:{" "}
          {trigger.type === "cron" ? "it starts nothing." : "what it starts ends without a job."}
        </p>
      )}
      {trigger.type === "cron" ? (
        live && (
          <Schedule
            projectId={projectId}
            canRun={may.run}
            workflowId={workflow.id}
            trigger={live}
            words={cronWords[trigger.id]}
          />
        )
      ) : (
        <>
          {trigger.customPath === null ? null : (
            <Address name="By its path" url={urlOf(`${projectId}/${trigger.customPath}`)} />
          )}
          {trigger.type === "webhook" || trigger.type === "message_filter" ? (
            <Address
              name={trigger.customPath === null ? null : "By its id"}
              url={trigger.type === "webhook" ? urlOf(trigger.id) : inboxUrl}
            />
          ) : null}
        </>
      )}
      {live && follows(trigger) ? <Source projectId={projectId} source={live.source} /> : null}
      {trigger.type === "message_filter" ? (
        <dl className="note-grid grid-cols-1">
          <Cell name="Message contains">
            <Fragment text={filterTexts[trigger.id]?.inclusion} none="anything" />
          </Cell>
          <Cell name="and does not contain">
            <Fragment text={filterTexts[trigger.id]?.exclusion} none="nothing is excluded" />
          </Cell>
        </dl>
      ) : null}
      {trigger.type === "webhook" ? (
        <dl className="note-grid grid-cols-1">
          <Cell name="Answers">{answersWords(trigger)}</Cell>
          {trigger.deliveryId ? (
            <Cell name="Deliveries are named by">{deliveryWords(trigger.deliveryId)}</Cell>
          ) : null}
          {trigger.ratePerMinute === null ? null : (
            <Cell name="Takes at most">
              {formatCount(trigger.ratePerMinute, "message")} a minute; more are answered 429
            </Cell>
          )}
          {trigger.takesGet ? <Cell name="GET">is a message too: its query is the data</Cell> : null}
          {trigger.openRosa ? (
            <Cell name="OpenRosa">forms of ODK Collect and KoBoCollect can be submitted here</Cell>
          ) : null}
        </dl>
      ) : null}
    </div>
  );
}

const explain: Record<TriggerNode["type"], string> = {
  webhook: "Every request to this address becomes a message and starts this workflow.",
  message_filter:
    "A message sent to the project's inbox starts this workflow when its body matches the filter.",
  cron: "Starts this workflow by the clock.",
  flow: "Starts this workflow when a job of another one has succeeded, with what that job returned.",
  catch:
    "Starts this workflow when a job of another one has failed, with what that job was given and its error.",
};

const Fragment = ({ text, none }: { text: string | null | undefined; none: string }) =>
  text == null ? (
    <span className="text-muted-foreground">{none}</span>
  ) : (
    <pre className="overflow-x-auto whitespace-pre-wrap font-mono text-[12.5px]">{text}</pre>
  );
