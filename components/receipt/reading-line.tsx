"use client";
import { apiPath, withQuery } from "@/components/api";
import { useMayDownload } from "@/components/masks/downloads";
import type { MessageDetail } from "@/lib/domain/message/types";
import { fileInWords, oddities, readingInWords, redactedInWords } from "./reading-words";

type Props = { message: MessageDetail; action: React.ReactNode };

/** How the body was read, what was odd about it, and its files. */
export function ReadingLine({ message, action }: Props) {
  const redacted = redactedInWords(message.reading);
  const isVeiled = message.masking !== null && message.masking.revealedUntil === null;
  const mayDownload = useMayDownload() && !isVeiled;
  const files = message.reading?.files ?? [];
  const bodyHref = apiPath("/api/projects/[project]/messages/[id]/body", {
    project: message.projectId,
    id: message.id,
  });
  return (
    <section aria-label="How it was read" className="grid gap-1.5 text-[13px]">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p className="min-w-0 [overflow-wrap:anywhere]">
          <span className="text-muted-foreground">Read as</span> {readingInWords(message)}
        </p>
        {action}
      </div>
      {oddities(message.reading).map((sentence) => (
        <p key={sentence} data-status="rejected" className="text-(--status) [overflow-wrap:anywhere]">
          {sentence}
        </p>
      ))}
      {redacted === null ? null : (
        <p className="[overflow-wrap:anywhere]">
          <span className="text-muted-foreground">Redacted before it was stored</span>{" "}
          <span className="font-mono text-[12.5px]">{redacted}</span>
        </p>
      )}
      {files.length > 0 ? (
        <ul aria-label="Files" className="divide-y rounded-md border bg-card">
          {files.map((file, number) => (
            <li
              key={`${file.field} ${file.start}`}
              className="flex flex-wrap items-baseline gap-x-3 px-3 py-1.5"
            >
              <span className="font-mono text-[12.5px] text-(--code-name) [overflow-wrap:anywhere]">
                {file.field}
              </span>
              {mayDownload ? (
                <a
                  href={withQuery(bodyHref, { file: number })}
                  download
                  className="text-accent underline [overflow-wrap:anywhere]"
                >
                  {fileInWords(file)}
                </a>
              ) : (
                <span className="[overflow-wrap:anywhere]">{fileInWords(file)}</span>
              )}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
