"use client";
import Link from "next/link";
import { useState } from "react";
import { TextFilter } from "@/components/data-table/filters";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import { SourceLabel } from "@/components/inbox/source-label";
import { formatBytes, shortId } from "@/components/ui/format";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { ClockTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { triggerName } from "@/components/workflows/edge-words";
import { type Recent, useRecent } from "./use-recent";

type Props = { chosenId: string | null; onChoose: (id: string) => void };

/** The project's newest messages, as they come; those that the draft's triggers would take stand first. */
export function RecentMessages({ chosenId, onChoose }: Props) {
  const { projectId } = useEditorPlace();
  const [text, setText] = useState<string | null>(null);
  const { items, problem } = useRecent(text);
  return (
    <div className="grid grid-cols-1 gap-3">
      <TextFilter id="try-search" label="Search messages" value={text} onChange={setText} />
      {problem ? (
        <p role="alert">{problem}</p>
      ) : items === undefined ? (
        <Skeleton className="h-24" />
      ) : items.length === 0 ? (
        <p className="text-muted-foreground">
          {text ? (
            "No message has this in it."
          ) : (
            <>
              No message has come yet. This list shows one as soon as it is there:{" "}
              <Link href={`/p/${projectId}/inbox`} target="_blank" className="underline underline-offset-3">
                send one in the inbox
              </Link>
              .
            </>
          )}
        </p>
      ) : (
        <RadioGroup
          aria-label="Recent messages"
          value={chosenId ?? ""}
          onValueChange={onChoose}
          className="max-h-[36vh] gap-0 overflow-y-auto p-0.5"
        >
          {items.map((item) => (
            <MessageItem key={item.row.id} item={item} />
          ))}
        </RadioGroup>
      )}
    </div>
  );
}

function MessageItem({ item: { row, takers } }: { item: Recent }) {
  const triggers = useEditor(({ history }) => history.now.triggers);
  const taking = triggers.filter(({ id }) => takers.includes(id));
  return (
    <RadioItem value={row.id} disabled={row.wiped !== null} className="border-b py-2 last:border-b-0">
      <span className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">Message {shortId(row.id)}</span>
        <SourceLabel source={row.source} />
        <span className="nums text-muted-foreground text-xs">
          {formatBytes(row.size)}, <ClockTime value={row.receivedAt} />
        </span>
      </span>
      {taking.length > 0 ? (
        <span className="block text-(--status) text-xs" data-status="success">
          Taken by {taking.map(({ type }) => triggerName(type)).join(", ")}
        </span>
      ) : null}
      <code className="line-clamp-2 font-mono text-muted-foreground text-xs">
        {row.wiped ? row.wiped.says : row.preview}
      </code>
    </RadioItem>
  );
}
