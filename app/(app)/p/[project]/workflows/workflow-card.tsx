import { Pause, PencilLine, PowerOff } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { formatCount } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { LacksAdaptor, StatusChip, stepStatus } from "@/components/ui/status-chip";
import { actedOn } from "@/components/workflows/acts/acted-on";
import { WorkflowMenu } from "@/components/workflows/acts/workflow-menu";
import { draftWords } from "@/components/workflows/draft-words";
import { triggerName } from "@/components/workflows/edge-words";
import { RecentBar } from "@/components/workflows/recent-bar";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import type { WorkflowRow } from "@/lib/domain/workflow/list";

/** Of more jobs than these, those that never ran are counted and not named. */
const mostIdle = 8;

type Props = { projectId: string; workflow: WorkflowRow; mayWrite: boolean };

/** One workflow of the list: what starts it, its jobs, and how it went. */
export function WorkflowCard({ projectId, workflow, mayWrite }: Props) {
  const { id, name, triggers, jobs, recent } = workflow;
  const isOff = triggers.every(({ enabled }) => !enabled);
  const shown = jobs.length > mostIdle ? jobs.filter(({ last, lacksAdaptor }) => last || lacksAdaptor) : jobs;
  const more = jobs.length - shown.length;
  return (
    <li className="relative grid grid-cols-1 gap-x-6 gap-y-3 rounded-lg border bg-card px-4 py-3 hover:border-input md:grid-cols-[minmax(0,1.2fr)_minmax(0,2fr)_minmax(0,1fr)_auto] md:items-center">
      <div className="min-w-0">
        <h2 className="truncate font-semibold text-[15px]">
          <Link
            href={`/p/${projectId}/workflows/${id}`}
            className="after:absolute after:inset-0 after:rounded-lg focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ring"
          >
            {name}
          </Link>
        </h2>
        <ul className="mt-1 flex flex-wrap gap-1">
          {workflow.pausedAt ? (
            <li>
              <Badge>
                <Pause aria-hidden className="size-3" /> paused
              </Badge>
            </li>
          ) : null}
          {isOff ? (
            <li>
              <Badge>
                <PowerOff aria-hidden className="size-3" /> switched off
              </Badge>
            </li>
          ) : null}
          {draftWords(workflow.drafts).map((words) => (
            <li key={words}>
              <Badge className="border-accent/50">
                <PencilLine aria-hidden className="size-3" /> {words}
              </Badge>
            </li>
          ))}
          {triggers.map((trigger) => (
            <li key={trigger.id}>
              <Badge>
                <TriggerIcon type={trigger.type} />
                {triggerName(trigger.type)}
                {trigger.cronExpression ? ` ${trigger.cronExpression}` : ""}
                {trigger.timeZone ? ` (${trigger.timeZone})` : ""}
                {trigger.enabled ? (trigger.leads ? "" : ", leads nowhere") : ", off"}
              </Badge>
            </li>
          ))}
        </ul>
      </div>
      <ul className="flex flex-wrap gap-1" aria-label={`Jobs of ${name} and how they last went`}>
        {shown.map((job) => (
          <li key={job.id} className="max-w-full">
            {job.lacksAdaptor ? (
              <LacksAdaptor name={job.name} />
            ) : job.last ? (
              <StatusChip name={job.name} status={stepStatus(job.last)} />
            ) : (
              <StatusChip name={job.name} status="pending" word="never ran" />
            )}
          </li>
        ))}
        {more > 0 ? (
          <li className="self-center text-muted-foreground text-xs">
            {shown.length > 0 ? "and " : ""}
            {formatCount(more, shown.length > 0 ? "other" : "job")} that never ran
          </li>
        ) : null}
      </ul>
      <div>
        <RecentBar recent={recent} />
        {recent.lastActivity ? (
          <p className="text-muted-foreground text-xs">
            last <RelativeTime value={recent.lastActivity} />
          </p>
        ) : null}
      </div>
      {mayWrite ? (
        <WorkflowMenu
          projectId={projectId}
          workflow={actedOn(workflow)}
          className="relative z-10 max-md:absolute max-md:top-2.5 max-md:right-2.5"
        />
      ) : null}
    </li>
  );
}
