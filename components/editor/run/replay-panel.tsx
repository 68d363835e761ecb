"use client";
import { History, Square } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { TextDifferenceView } from "@/components/code/text-difference";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { formatCount, shortId } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import {
  changeWords,
  mostReplayed,
  type ReplayedMessage,
  replayWords,
  sorted,
  usuallyReplayed,
} from "./replay";
import { useReplay } from "./use-replay";

/** Runs the saved version and the draft on the last messages, and lists what would change. Nothing is sent. */
export function ReplayPanel() {
  const version = useEditor(({ base }) => base.version);
  const [wanted, setWanted] = useState(String(usuallyReplayed));
  const { replay, problem, start, stop } = useReplay();
  const count = Number(wanted);
  const isCount = Number.isInteger(count) && count >= 1 && count <= mostReplayed;
  return (
    <section aria-label="Regression replay" className="grid grid-cols-1 gap-3">
      <p className="text-muted-foreground">
        The saved version and this draft are both run on the last messages that the workflow took. Nothing is
        sent. What ends otherwise, hands on something else or would send other requests is listed.
      </p>
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (isCount) void start(count);
        }}
      >
        <Field
          label="Last messages"
          error={isCount ? null : `A whole number from 1 to ${mostReplayed}.`}
          className="w-40"
        >
          <Input
            type="number"
            inputMode="numeric"
            min={1}
            max={mostReplayed}
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </Field>
        {replay?.isRunning ? (
          <Button variant="outline" onClick={stop}>
            <Square aria-hidden /> Stop
          </Button>
        ) : (
          <Button type="submit" disabled={!isCount}>
            <History aria-hidden /> Replay
          </Button>
        )}
      </form>
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {problem}
        </p>
      ) : null}
      {replay ? (
        <p role="status">
          {replay.messageIds.length > 0
            ? replayWords(replay)
            : replay.isRunning
              ? `Asking which messages version ${version} took.`
              : `Version ${version} has taken no message yet, so there is nothing to replay.`}
        </p>
      ) : null}
      {replay && replay.messageIds.length > 0 ? (
        <>
          <progress
            aria-label="Replayed messages"
            max={replay.messageIds.length}
            value={replay.compared.length}
            className="h-1.5 w-full accent-(--accent)"
          />
          <Found compared={replay.compared} />
        </>
      ) : null}
    </section>
  );
}

function Found({ compared }: { compared: readonly ReplayedMessage[] }) {
  const { changed, unsteady, skipped, same } = sorted(compared);
  return (
    <>
      {changed.length > 0 ? (
        <Part title={`What changes: ${formatCount(changed.length, "message")}`}>
          {changed.map((message) => (
            <Changed key={message.messageId} message={message} />
          ))}
        </Part>
      ) : null}
      {unsteady.length > 0 ? (
        <Part title={`Not steady: ${formatCount(unsteady.length, "message")}`}>
          {unsteady.map((message) => (
            <li key={message.messageId} className="px-3 py-2">
              <MessageLink id={message.messageId} />: {unsteadyWords(message)}
            </li>
          ))}
        </Part>
      ) : null}
      {skipped.length > 0 ? (
        <Part title={`Not compared: ${formatCount(skipped.length, "message")}`}>
          {skipped.map(({ messageId, problem }) => (
            <li key={messageId} className="px-3 py-2">
              <MessageLink id={messageId} />: {problem}
            </li>
          ))}
        </Part>
      ) : null}
      {same > 0 ? (
        <p className="text-muted-foreground">{formatCount(same, "message")}: none changed.</p>
      ) : null}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="grid grid-cols-1 gap-1.5">
      <h3 className="font-medium text-[13px]">{title}</h3>
      <ul className="divide-y overflow-hidden rounded-md border bg-card">{children}</ul>
    </section>
  );
}

function MessageLink({ id }: { id: string }) {
  const { projectId } = useEditorPlace();
  return (
    <Link
      href={`/p/${projectId}/inbox/${id}`}
      target="_blank"
      className="text-accent underline underline-offset-3"
    >
      Message {shortId(id)}
    </Link>
  );
}

const unsteadyWords = ({ unsteady }: ReplayedMessage): string =>
  unsteady.map(({ jobName, what }) => `${jobName}, ${what}`).join("; ");

function Changed({ message }: { message: ReplayedMessage }) {
  const { messageId, changes, unsteady } = message;
  return (
    <li>
      <details>
        <summary className="px-3 py-2 [overflow-wrap:anywhere]">
          <span className="font-medium">Message {shortId(messageId)}</span>{" "}
          <span className="text-muted-foreground">{changes.map(changeWords).join("; ")}</span>
        </summary>
        <div className="grid grid-cols-1 gap-3 border-t px-3 py-2">
          <p className="text-xs">
            <MessageLink id={messageId} />
            {unsteady.length > 0 ? `. Not steady, and left out: ${unsteadyWords(message)}.` : null}
          </p>
          {changes.map((change) => (
            <div key={`${change.jobId}/${change.what}`} className="grid grid-cols-1 gap-1">
              <p>{changeWords(change)}</p>
              {change.difference ? (
                <TextDifferenceView difference={change.difference} label={changeWords(change)} />
              ) : null}
            </div>
          ))}
        </div>
      </details>
    </li>
  );
}
