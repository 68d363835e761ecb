import { cn } from "@/components/ui/cn";
import { formatCount } from "@/components/ui/format";
import type { DifferentLine, TextDifference } from "@/lib/difference/lines";

const looks: Record<DifferentLine["kind"], { sign: string; word: string; status?: string }> = {
  kept: { sign: " ", word: "" },
  removed: { sign: "−", word: "removed: ", status: "failed" },
  added: { sign: "+", word: "added: ", status: "success" },
};

/** Changed lines with those around them, old above new; what is not shown is counted. */
export function TextDifferenceView({ difference, label }: { difference: TextDifference; label: string }) {
  const { removed, added, hunks, isShortened } = difference;
  return (
    <div className="grid grid-cols-1 gap-1">
      <p className="nums text-muted-foreground text-xs">
        {formatCount(removed, "line")} removed, {formatCount(added, "line")} added
        {isShortened ? ". There is more than is shown here." : ""}
      </p>
      {hunks.length > 0 ? (
        <section
          aria-label={label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-[40vh] overflow-auto rounded-md border bg-card py-1 font-mono text-[12px] leading-5"
        >
          {hunks.map((hunk, index) => (
            <div
              key={`${hunk[0]?.old ?? ""}/${hunk[0]?.new ?? ""}`}
              className={cn("w-max min-w-full", index > 0 && "mt-1 border-t border-dashed pt-1")}
            >
              {hunk.map((line) => (
                <Line key={`${line.old ?? ""}/${line.new ?? ""}`} line={line} />
              ))}
            </div>
          ))}
        </section>
      ) : null}
    </div>
  );
}

function Line({ line }: { line: DifferentLine }) {
  const { sign, word, status } = looks[line.kind];
  return (
    <div
      {...(status ? { "data-status": status } : {})}
      className={cn("flex", status && "bg-(--status-soft) text-(--status)")}
    >
      <span className="nums w-10 shrink-0 select-none pr-2 text-right text-muted-foreground">{line.old}</span>
      <span className="nums w-10 shrink-0 select-none pr-2 text-right text-muted-foreground">{line.new}</span>
      <span aria-hidden className="w-4 shrink-0 select-none">
        {sign}
      </span>
      {word ? <span className="sr-only">{word}</span> : null}
      <code className="whitespace-pre pr-4">
        {line.text || " "}
        {line.isUnended ? <span className="text-muted-foreground"> (no line break at the end)</span> : null}
      </code>
    </div>
  );
}
