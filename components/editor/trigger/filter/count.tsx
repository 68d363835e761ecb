"use client";
import Link from "next/link";
import { useEditorPlace } from "@/components/editor/store";
import { formatCount } from "@/components/ui/format";
import { ClockTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import type { FilterPreview } from "@/lib/domain/message/filter-preview";
import type { Condition } from "@/lib/workflow/filter/conditions";
import { Pieces } from "./pieces";
import type { Preview } from "./use-preview";
import { conditionWords, type Piece } from "./words";

type Props = { preview: Preview; inclusion: readonly Condition[] };

/** How many of the newest messages match, what stops the others, and some of both. */
export function FilterCount({ preview: { data, problem, isOld }, inclusion }: Props) {
  return (
    <section
      aria-label="Among the newest messages"
      className="grid gap-2 rounded-lg border bg-card px-4 py-3"
    >
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {problem}
        </p>
      ) : null}
      {data ? (
        <Count data={data} isOld={isOld} inclusion={inclusion} />
      ) : problem ? null : (
        <Skeleton className="h-12" />
      )}
    </section>
  );
}

function Count({
  data,
  isOld,
  inclusion,
}: {
  data: FilterPreview;
  isOld: boolean;
  inclusion: readonly Condition[];
}) {
  if (data.masked)
    return <p role="status">The filter asks for what is masked for your role, so nothing is counted.</p>;
  const stopping = data.stoppedBy.map((one, at) => ({ ...one, at })).filter(({ count }) => count > 0);
  return (
    <>
      <p role="status" aria-busy={isOld} className={isOld ? "text-muted-foreground" : undefined}>
        {data.examined === 0 ? (
          "No message has come to the inbox URL yet, so there is nothing to count."
        ) : (
          <>
            <strong className="nums font-semibold text-base">{data.matching.toLocaleString("en")}</strong> of
            the last {formatCount(data.examined, "message")} {data.matching === 1 ? "matches" : "match"}.
          </>
        )}
        {data.isCut ? " There was too much to read at once: older ones were not compared." : ""}
      </p>
      {stopping.length > 0 ? (
        <ul className="grid gap-1 text-sm">
          {stopping.map(({ at, filter, count, alone, absent }) => (
            <li key={at} className="[overflow-wrap:anywhere]">
              <Pieces pieces={stopWords(filter === "inclusion" ? inclusion[at] : undefined)} /> stopped{" "}
              <span className="nums font-medium">{count.toLocaleString("en")}</span>
              <span className="text-muted-foreground">{detailWords({ count, alone, absent })}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <Others data={data} />
      <Samples data={data} inclusion={inclusion} />
    </>
  );
}

const stopWords = (condition: Condition | undefined): Piece[] =>
  condition ? conditionWords(condition) : ["what is left out"];

function detailWords({ count, alone, absent }: { count: number; alone: number; absent: number }): string {
  const parts = [
    ...(absent === count
      ? ["it is missing there"]
      : absent > 0
        ? [`in ${absent.toLocaleString("en")} it is missing`]
        : []),
    ...(alone === count
      ? ["nothing else stops them"]
      : alone > 0
        ? [`${alone.toLocaleString("en")} by itself`]
        : []),
  ];
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}

/** What of the newest messages no filter is asked about. */
function Others({ data: { elsewhere, wiped, tests, unread } }: { data: FilterPreview }) {
  const parts = [
    elsewhere > 0 ? `${formatCount(elsewhere, "message")} to a webhook's own URL` : "",
    tests > 0 ? `${formatCount(tests, "message")} to a test URL` : "",
    wiped > 0 ? `${formatCount(wiped, "message")} whose content is not kept any more` : "",
    unread > 0 ? `${formatCount(unread, "message")} in a coding that cannot be undone here` : "",
  ].filter(Boolean);
  return parts.length > 0 ? (
    <p className="text-muted-foreground text-xs">Not compared: {parts.join(", ")}.</p>
  ) : null;
}

function Samples({ data, inclusion }: { data: FilterPreview; inclusion: readonly Condition[] }) {
  const { projectId } = useEditorPlace();
  if (data.samples.length === 0) return null;
  return (
    <details>
      <summary className="cursor-pointer text-[13px] text-muted-foreground">Some of them</summary>
      <ul className="mt-1.5 grid gap-1.5 text-sm">
        {[...data.samples]
          .sort((one, other) => Number(other.matches) - Number(one.matches))
          .map(({ messageId, receivedAt, preview, matches, stops }) => (
            <li key={messageId} className="grid gap-0.5 border-t pt-1.5">
              <span className="flex flex-wrap items-baseline gap-x-2">
                <Link
                  href={`/p/${projectId}/inbox/${messageId}`}
                  target="_blank"
                  className="underline decoration-input underline-offset-3 hover:decoration-current"
                >
                  Message of <ClockTime value={receivedAt} />
                </Link>
                <span data-status={matches ? "success" : "rejected"} className="text-(--status) text-xs">
                  {matches ? "matches" : "does not match"}
                </span>
                {stops === null ? null : (
                  <span className="text-muted-foreground text-xs [overflow-wrap:anywhere]">
                    stopped by:{" "}
                    <Pieces
                      pieces={stopWords(
                        data.stoppedBy[stops]?.filter === "inclusion" ? inclusion[stops] : undefined,
                      )}
                    />
                  </span>
                )}
              </span>
              <code className="line-clamp-2 font-mono text-muted-foreground text-xs [overflow-wrap:anywhere]">
                {preview || "(empty)"}
              </code>
            </li>
          ))}
      </ul>
    </details>
  );
}
