"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Download } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { FindInput } from "@/components/ui/find-input";
import { formatClock, formatCount } from "@/components/ui/format";
import type { LogRow } from "@/lib/domain/run/types";
import type { LogLevel } from "@/lib/words";

const levels: LogLevel[] = ["error", "warn", "success", "info", "debug"];
const statusOf: Partial<Record<LogLevel, string>> = { error: "failed", warn: "rejected", success: "success" };
/** Lines closer than this to the end count as "at the end": the view follows new lines. */
const followPx = 40;

export type LogBoxProps = {
  /** Undefined: they are being read. */
  lines: LogRow[] | undefined;
  /** Why they cannot be read. */
  problem?: string | undefined;
  /** What a download is called, without its ending. */
  fileName: string;
  isRunning: boolean;
};

/** A windowed log with a level filter, search and download; it follows a running step while the reader is at the end. */
export function LogBox({ lines, problem, fileName, isRunning }: LogBoxProps) {
  const [level, setLevel] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const shown = useMemo(
    () =>
      (lines ?? []).filter(
        (line) =>
          (!level || line.level === level) && (!wanted || line.message.toLowerCase().includes(wanted)),
      ),
    [lines, level, wanted],
  );
  const download = () => {
    const text = (lines ?? [])
      .map(
        (l) =>
          `${l.at} ${l.level.padEnd(7)} ${l.source} ${l.attempt ? `[attempt ${l.attempt}] ` : ""}${l.message}`,
      )
      .join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = `${fileName.replace(/[^\w.-]+/g, "-")}.log`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="overflow-hidden rounded-md border bg-card">
      <div className="flex flex-wrap items-center gap-1.5 border-b bg-muted/40 px-2 py-1.5">
        <FindInput label="Search in the log" value={search} onChange={setSearch} />
        <ChoiceFilter
          label="Level"
          all="All levels"
          value={level}
          choices={levels.map((value) => ({ value, label: value }))}
          onChange={setLevel}
          isSmall
        />
        <span role="status" className="nums px-1 text-muted-foreground text-xs">
          {lines
            ? `${shown.length === lines.length ? "" : `${shown.length} of `}${formatCount(lines.length, "line")}`
            : "Loading"}
        </span>
        <Button
          size="icon-sm"
          variant="outline"
          aria-label="Download the log"
          title="Download"
          onClick={download}
          disabled={!lines?.length}
        >
          <Download aria-hidden />
        </Button>
      </div>
      {problem ? (
        <p role="alert" data-status="failed" className="px-3 py-2 text-(--status)">
          {problem}
        </p>
      ) : null}
      <LogLines lines={shown} isRunning={isRunning} isFiltered={Boolean(level || wanted)} />
    </div>
  );
}

/** Log lines in a box of their own, of which only those in sight are drawn. */
export function LogLines({
  lines,
  isRunning,
  isFiltered,
}: {
  lines: LogRow[];
  isRunning: boolean;
  isFiltered: boolean;
}) {
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  // A new function would make the virtualizer measure everything again.
  const keyOf = useCallback((index: number) => lines[index]?.seq ?? index, [lines]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 22,
    overscan: 20,
    getItemKey: keyOf,
  });
  useEffect(() => {
    if (isRunning && follows.current && lines.length > 0)
      virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [isRunning, lines.length, virtual]);
  if (lines.length === 0) {
    const word = isFiltered
      ? "No line matches."
      : isRunning
        ? "Nothing written yet."
        : "This step wrote no log.";
    return <p className="px-3 py-4 text-muted-foreground">{word}</p>;
  }
  return (
    <section
      ref={box}
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < followPx;
      }}
      className="max-h-[28rem] overflow-auto py-1.5 font-mono text-xs leading-5.5 focus-visible:-outline-offset-2"
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return line ? (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              style={{ transform: `translateY(${item.start}px)` }}
              className="absolute inset-x-0 top-0"
            >
              {isFirstOf(lines, item.index) ? <AttemptHead attempt={attemptOf(line)} /> : null}
              <Line line={line} />
            </div>
          ) : null;
        })}
      </div>
    </section>
  );
}

/** Whether a later attempt's lines begin here. */
const isFirstOf = (lines: LogRow[], index: number): boolean =>
  attemptOf(lines[index]) > attemptOf(lines[index - 1]);

const attemptOf = (line: LogRow | undefined): number => line?.attempt ?? 1;

const AttemptHead = ({ attempt }: { attempt: number }) => (
  <p className="mt-1 border-t px-3 pt-1 font-sans text-muted-foreground">Attempt {attempt}</p>
);

function Line({ line }: { line: LogRow }) {
  const status = statusOf[line.level];
  return (
    <div
      {...(status ? { "data-status": status } : {})}
      className={cn(
        "flex gap-2.5 px-3",
        line.level === "error" && "bg-(--status-soft)",
        line.level === "debug" && "text-muted-foreground",
      )}
    >
      <time
        dateTime={line.at}
        className="nums shrink-0 select-none text-muted-foreground max-sm:hidden"
        suppressHydrationWarning
      >
        {formatClock(new Date(line.at))}
      </time>
      <span
        className={cn(
          "w-13 shrink-0 select-none",
          status ? "font-medium text-(--status)" : "text-muted-foreground",
        )}
      >
        {line.level}
      </span>
      <span className="w-7 shrink-0 select-none text-muted-foreground max-sm:hidden">{line.source}</span>
      <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">{line.message}</span>
    </div>
  );
}
