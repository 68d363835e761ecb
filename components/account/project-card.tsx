import { ShieldPlus, Trash2 } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { formatDay } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusIcon, statusWord } from "@/components/ui/status-chip";
import type { ProjectSummary } from "@/lib/domain/project/list";
import { UndoDeletion } from "./closing-notice";

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** One project of the list: all of the card leads to its inbox. */
export function ProjectCard({ project }: { project: ProjectSummary }) {
  const {
    id,
    name,
    description,
    role,
    members,
    workflows,
    failures,
    handled,
    lastMessageAt,
    deletesAt,
    needsSecondFactor,
  } = project;
  return (
    <Card className="relative grid grid-rows-[1fr_auto] focus-within:border-input hover:border-input">
      <div className="grid content-start gap-1 px-4 pt-3.5 pb-3">
        <div className="flex items-start justify-between gap-3">
          <h2 className="min-w-0 truncate font-semibold text-[15px]">
            <Link href={`/p/${id}/inbox`} className="after:absolute after:inset-0 after:rounded-lg">
              {name}
            </Link>
          </h2>
          <Badge>{role}</Badge>
        </div>
        {description ? (
          <p className="line-clamp-2 text-muted-foreground leading-relaxed">{description}</p>
        ) : null}
      </div>
      <div className="grid gap-2.5 px-4 pb-3">
        {deletesAt ? (
          <div className="flex flex-wrap items-center justify-between gap-2">
            <p data-status="failed" className="inline-flex items-center gap-1.5 font-medium text-(--status)">
              <Trash2 aria-hidden className="size-4" /> Will be deleted on {formatDay(deletesAt)}
            </p>
            {role === "owner" ? <UndoDeletion projectId={id} name={name} /> : null}
          </div>
        ) : null}
        <div aria-hidden className="tear" />
        {needsSecondFactor ? (
          <p className="inline-flex items-center gap-1.5 text-muted-foreground text-xs">
            <ShieldPlus aria-hidden className="size-3.5" /> Asks you for a second factor
          </p>
        ) : null}
        <div
          hidden={needsSecondFactor}
          className="flex flex-wrap items-center gap-x-4 gap-y-1 text-muted-foreground text-xs"
        >
          <span>{count(workflows, "workflow", "workflows")}</span>
          <span>{count(members, "collaborator", "collaborators")}</span>
          {failures > 0 ? (
            <Failures projectId={id} set="unhandled" status="failure">
              {failures >= 100 ? "100 or more failures" : count(failures, "failure", "failures")}
            </Failures>
          ) : null}
          {handled > 0 ? (
            <Failures projectId={id} set="handled" status="handled">
              {handled >= 100 ? "100 or more" : handled} {statusWord("handled")}
            </Failures>
          ) : null}
          <span className="ml-auto">
            {lastMessageAt ? (
              <>
                last message <RelativeTime value={lastMessageAt} />
              </>
            ) : (
              "no message yet"
            )}
          </span>
        </div>
      </div>
    </Card>
  );
}

/** A number of jobs that failed for a message, which leads to those messages. */
function Failures({
  projectId,
  set,
  status,
  children,
}: {
  projectId: string;
  set: "unhandled" | "handled";
  status: "failure" | "handled";
  children: ReactNode;
}) {
  return (
    <Link
      href={`/p/${projectId}/inbox?state=${set}`}
      data-status={status}
      className="relative z-10 inline-flex items-center gap-1 font-medium text-(--status) hover:underline"
    >
      <StatusIcon status={status} />
      {children}
    </Link>
  );
}
