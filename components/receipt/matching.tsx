"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { formatCount } from "@/components/ui/format";
import type { MessageMatching, TriggerMatching } from "@/lib/domain/message/matching";
import type { MessageDetail } from "@/lib/domain/message/types";
import { matchingWords } from "./matching-words";

type Props = {
  message: MessageDetail;
  /** Whether the viewer's role may change triggers. */
  mayWrite: boolean;
};

/** A message that nothing processes: why not, trigger by trigger. */
export function Unmatched({ message, mayWrite }: Props) {
  const { projectId, hasWorkflows } = message;
  return (
    <div className="grid gap-4">
      <EmptyState
        title="No trigger matched"
        className="py-8"
        action={
          mayWrite ? (
            <Button asChild variant="outline">
              <Link href={`/p/${projectId}/workflows${hasWorkflows ? "" : "?new=1"}`}>
                {hasWorkflows ? "Workflows of the project" : "Make a workflow for it"}
              </Link>
            </Button>
          ) : null
        }
      >
        {mayWrite && !hasWorkflows
          ? "The message is kept. Make the first workflow, and try it on this message before anything is switched on."
          : mayWrite
            ? "The message is kept. Change a trigger's filter below and send it again, or process it by hand with Rerun."
            : "The message is kept. Owners, admins and editors of the project can change a trigger's filter, or process it by hand."}
      </EmptyState>
      {hasWorkflows ? (
        <div>
          <h3 className="mb-1.5 font-semibold">Why no trigger took it</h3>
          <Reasons message={message} mayWrite={mayWrite} />
        </div>
      ) : null}
    </div>
  );
}

/** The same of the triggers that did not take a message which others took; asked for when it is opened. */
export function OtherTriggers({ message, mayWrite }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="mt-4" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-[13px] text-muted-foreground">
        Why other triggers did not take it
      </summary>
      <div className="mt-2">{isOpen ? <Reasons message={message} mayWrite={mayWrite} /> : null}</div>
    </details>
  );
}

function Reasons({ message: { projectId, id, wiped }, mayWrite }: Props) {
  const { data, error } = useQuery({
    enabled: wiped === null,
    queryKey: ["matching", projectId, id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/messages/[id]/matching", {
        params: { project: projectId, id },
        signal,
      }),
    gcTime: 0,
  });
  if (wiped) return <p className="text-muted-foreground">There is nothing to compare with. {wiped.says}</p>;
  if (error)
    return (
      <p className="text-(--status)" data-status="failed">
        {error.message}
      </p>
    );
  if (!data) return <p className="text-muted-foreground">Comparing …</p>;
  return <Compared projectId={projectId} matching={data} editing={mayWrite ? id : null} />;
}

type ComparedProps = {
  projectId: string;
  matching: MessageMatching;
  /** The message that a trigger would be changed for; null for roles that may not. */
  editing: string | null;
};

function Compared({ projectId, matching, editing }: ComparedProps) {
  const others = matching.triggers.filter((trigger) => !trigger.started);
  const elsewhere = others.filter(({ outcome }) => outcome === "other_address");
  const asked = others.filter(({ outcome }) => outcome !== "other_address");
  if (others.length === 0)
    return (
      <p className="text-muted-foreground">
        The project has no {matching.triggers.length > 0 ? "other " : ""}trigger for messages.
      </p>
    );
  return (
    <div className="grid gap-2">
      {asked.length > 0 ? (
        <ul className="rounded-lg border bg-card">
          {asked.map((trigger) => (
            <Reason key={trigger.triggerId} {...{ projectId, trigger, editing }} />
          ))}
        </ul>
      ) : null}
      <p className="text-muted-foreground text-xs">
        {elsewhere.length > 0 ? `${elsewhereWords(matching.address, elsewhere.length)} ` : null}
        {matching.more > 0 ? `Not compared: ${formatCount(matching.more, "more trigger")}. ` : null}
        Triggers and filters are compared as they are now; they may have changed since the message came.
      </p>
    </div>
  );
}

function elsewhereWords(address: MessageMatching["address"], count: number): string {
  if (address === "webhook") return "It came to a webhook's own URL, so no filter was asked.";
  return count === 1
    ? "It came to the project's inbox URL; one webhook takes only what is sent to its own."
    : `It came to the project's inbox URL; ${formatCount(count, "webhook")} take only what is sent to their own.`;
}

type ReasonProps = Omit<ComparedProps, "matching"> & { trigger: TriggerMatching };

function Reason({ projectId, trigger, editing }: ReasonProps) {
  const { outcome, type, workflowId, triggerId } = trigger;
  const place = `/p/${projectId}/workflows/${workflowId}`;
  const isChangeable = outcome === "disabled" || (type === "message_filter" && outcome !== "other_address");
  return (
    <li className="grid gap-0.5 border-b px-3 py-2 last:border-b-0">
      <Link
        href={`${place}?node=${triggerId}`}
        className="min-w-0 justify-self-start font-medium [overflow-wrap:anywhere] hover:underline"
      >
        {trigger.workflowName}
      </Link>
      <p className="text-[13px] text-muted-foreground [overflow-wrap:anywhere]">
        {matchingWords(trigger).map((piece, index) =>
          typeof piece === "string" ? (
            piece
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a sentence's pieces have no other
            <code key={index} className="font-mono text-[12.5px] text-foreground">
              {piece.code}
            </code>
          ),
        )}
      </p>
      {editing && isChangeable ? (
        <Link
          href={`${place}/edit?node=${triggerId}&message=${editing}`}
          className="justify-self-start text-[13px] text-accent hover:underline"
        >
          {outcome === "disabled" ? "Switch it on in the editor" : "Change this filter"}
          <span className="sr-only"> of {trigger.workflowName}</span>
        </Link>
      ) : null}
    </li>
  );
}
