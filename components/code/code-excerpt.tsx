import { cn } from "@/components/ui/cn";

export type CodeExcerptProps = {
  source: string;
  /** 1-based. */
  line: number;
  column: number;
  /** What is said under the line. */
  message?: string | undefined;
  around?: number;
};

/** The lines around an error, the line itself marked, a caret under the column and the message in full, however far it is scrolled. */
export function CodeExcerpt({ source, line, column, message, around = 3 }: CodeExcerptProps) {
  const lines = source.split("\n");
  const first = Math.max(1, line - around);
  const shown = lines.slice(first - 1, line + around);
  return (
    <section
      aria-label={`Job code, line ${line}`}
      data-status="failed"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard
      tabIndex={0}
      className="@container overflow-x-auto rounded-md border bg-card py-1.5 font-mono text-[12.5px] leading-6"
    >
      {shown.map((text, index) => {
        const number = first + index;
        const isHere = number === line;
        return (
          <div key={number} className="w-max min-w-full">
            <div className={cn("flex", isHere && "bg-(--status-soft)")}>
              <LineNumber>{number}</LineNumber>
              <code className="whitespace-pre pr-4">{text || " "}</code>
            </div>
            {isHere ? (
              <div className="flex bg-(--status-soft) text-(--status)">
                <LineNumber />
                <code className="whitespace-pre pr-4 font-semibold">
                  {" ".repeat(Math.max(0, column - 1))}^
                </code>
              </div>
            ) : null}
            {isHere && message ? (
              <p className="sticky left-0 w-[100cqi] whitespace-pre-wrap bg-(--status-soft) py-0.5 pr-3 pl-14 font-semibold text-(--status) leading-5 [overflow-wrap:anywhere]">
                {message}
              </p>
            ) : null}
          </div>
        );
      })}
    </section>
  );
}

function LineNumber({ children }: { children?: number }) {
  return (
    <span
      aria-hidden={children === undefined}
      className="nums mr-3 w-11 shrink-0 select-none border-r pr-2.5 text-right text-muted-foreground"
    >
      {children}
    </span>
  );
}
