import { CodeExcerpt } from "@/components/code/code-excerpt";
import { ExplainedType } from "@/components/ui/explained";
import type { StepError } from "@/lib/runner/contract";

/** Why a step did not succeed: type, sentence, the line of the job it points to, and what may be done about it. */
export function StepErrorView({ error, source }: { error: StepError; source: string | undefined }) {
  const { type, adaptorType, message, position, operation, details, hint } = error;
  return (
    <div className="grid gap-3">
      <div
        data-status="failed"
        className="rounded-md border border-(--status-line) bg-(--status-soft) px-3.5 py-2.5"
      >
        <p className="font-mono font-semibold text-(--status) text-xs">
          <ExplainedType type={type} />
          {adaptorType ? <span className="font-normal"> ({adaptorType} of the adaptor)</span> : null}
        </p>
        <p className="mt-0.5 whitespace-pre-wrap leading-relaxed [overflow-wrap:anywhere]">{message}</p>
        {hint ? <p className="mt-1.5 border-(--status-line) border-t pt-1.5">{hint}</p> : null}
      </div>
      {position ? (
        <div className="grid gap-1.5">
          <p className="text-muted-foreground text-xs">
            Line {position.line}, column {position.column} of the job
            {operation ? (
              <>
                , in the operation <code className="font-mono">{operation.name}</code>
                {operation.line === position.line ? "" : ` of line ${operation.line}`}
              </>
            ) : null}
          </p>
          <CodeExcerpt
            source={source ?? `${"\n".repeat(position.line - 1)}${position.source}`}
            line={position.line}
            column={position.column}
            message={message}
            around={source ? 3 : 0}
          />
        </div>
      ) : operation ? (
        <div className="grid gap-1.5">
          <p className="text-muted-foreground text-xs">
            In the operation <code className="font-mono">{operation.name}</code>, line {operation.line} of the
            job
          </p>
          {source ? (
            <CodeExcerpt
              source={source}
              line={operation.line}
              column={columnOf(source, operation.line)}
              message={message}
            />
          ) : null}
        </div>
      ) : null}
      {details === undefined || details === null ? null : (
        <details>
          <summary className="text-muted-foreground text-xs">What the adaptor said besides</summary>
          <pre className="mt-1.5 max-h-72 overflow-auto whitespace-pre-wrap rounded-md border bg-card px-3 py-2 font-mono text-xs leading-5.5">
            {typeof details === "string" ? details : JSON.stringify(details, null, 2)}
          </pre>
        </details>
      )}
    </div>
  );
}

/** Where the code of a line begins, 1-based. */
const columnOf = (source: string, line: number): number =>
  Math.max(0, source.split("\n")[line - 1]?.search(/\S/) ?? 0) + 1;
