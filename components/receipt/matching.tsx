"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { api } from "@/components/api";
import { EmptyState } from "@/components/ui/empty-state";
import { formatCount } from "@/components/ui/format";
import type { MessageMatching, TriggerMatching } from "@/lib/domain/message/matching";
import type { MessageDetail } from "@/lib/domain/message/types";
import { matchingWords } from "./matching-words";

type Props = { message: MessageDetail };

/** A message that nothing processes: why not, trigger by trigger. */
export function Unmatched({ message }: Props) {
  return (
    <div className="grid gap-4">
      <EmptyState title="No trigger matched" className="py-8">
        The message is kept. Change a trigger's filter and send it again, or process it by hand with Rerun.
      </EmptyState>
      <div>
        <h3 className="mb-1.5 font-semibold">Why no trigger took it</h3>
        <Reasons message={message} />
      </div>
    </div>
  );
}

/** The same of the triggers that did not take a message which others took; asked for when it is opened. */
export function OtherTriggers({ message }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="mt-4" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-[13px] text-muted-foreground">
        Why other triggers did not take it
      </summary>
      <div className="mt-2">{isOpen ? <Reasons message={message} /> : null}</div>
    </details>
  );
}

function Reasons({ message: { projectId, id, wiped } }: Props) {
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
  return <Compared projectId={projectId} matching={data} />;
}

function Compared({ projectId, matching }: { projectId: string; matching: MessageMatching }) {
  const others = matching.triggers.filter((trigger) => !trigger.started);
  const elsewhere = others.filter(({ outcome }) => outcome === "other_address");
  const asked = others.filter(({ outcome }) => outcome !== "other_address");
  if (others.length === 0)
    return <p className="text-muted-foreground">The project has no other trigger for messages.</p>;
  return (
    <div className="grid gap-2">
      {asked.length > 0 ? (
        <ul className="rounded-lg border bg-card">
          {asked.map((trigger) => (
            <Reason key={trigger.triggerId} projectId={projectId} trigger={trigger} />
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

function Reason({ projectId, trigger }: { projectId: string; trigger: TriggerMatching }) {
  return (
    <li className="grid gap-0.5 border-b px-3 py-2 last:border-b-0">
      <Link
        href={`/p/${projectId}/workflows/${trigger.workflowId}?node=${trigger.triggerId}`}
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
    </li>
  );
}
