"use client";
import { FlaskConical, Square } from "lucide-react";
import { useState } from "react";
import { useDraft, useEditor } from "@/components/editor/store";
import { targetFields } from "@/components/editor/target-fields";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { formatDuration } from "@/components/ui/format";
import { Skeleton } from "@/components/ui/skeleton";
import { StatusChip, StatusIcon, statusWord, stepStatus } from "@/components/ui/status-chip";
import { edgeWords } from "@/components/workflows/edge-words";
import type { TestRun, TestStep } from "@/lib/domain/test-run/types";
import { fieldId } from "@/lib/editor/field-id";
import { TestStepView, type UseState } from "./test-step";
import { begunWith, runWordOf, sentWords, tookWords, whereBegun } from "./test-words";
import { isOver, useCancel, useTest } from "./use-test";

/** A test: how it stands, the way that it took, and everything of the step that is chosen. */
export function TestResult({ id, onUse }: { id: string; onUse: UseState }) {
  const { test, problem } = useTest(id);
  if (!test)
    return problem ? (
      <p role="alert" data-status="failed" className="text-(--status)">
        {problem}
      </p>
    ) : (
      <Skeleton className="h-40" />
    );
  return (
    <section
      id={fieldId(null, targetFields.testResult)}
      aria-label="Result of the test"
      className="grid grid-cols-1 gap-3 border-t pt-3"
    >
      <Head test={test} />
      <Notes test={test} />
      <Steps key={test.id} test={test} onUse={onUse} />
    </section>
  );
}

function Head({ test }: { test: TestRun }) {
  const graph = useDraft();
  const cancel = useCancel();
  return (
    <div className="grid grid-cols-1 gap-1">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge>
          <FlaskConical aria-hidden /> test
        </Badge>
        <p role="status" className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
          <StatusChip status={runWordOf(test.state)} word={test.state} />
          <span className="text-muted-foreground">
            {isOver(test) ? [tookWords(test), sentWords(test)].filter(Boolean).join(". ") : "Under way."}
          </span>
        </p>
        {isOver(test) ? null : (
          <Button
            size="sm"
            variant="outline"
            disabled={cancel.isPending || test.cancelRequestedAt !== null}
            onClick={() => cancel.mutate(test.id)}
          >
            <Square aria-hidden /> {test.cancelRequestedAt ? "Cancelling…" : "Cancel"}
          </Button>
        )}
      </div>
      <p className="text-muted-foreground text-xs">
        {capital(whereBegun(test, graph))}, on {begunWith(test)}.
      </p>
      {cancel.error ? <p role="alert">{cancel.error.message}</p> : null}
      {test.errorMessage && test.steps.every(({ error }) => error === null) ? (
        <p data-status="failed" className="text-(--status)">
          <code className="font-mono text-xs">{test.errorType}</code> {test.errorMessage}
        </p>
      ) : null}
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What of the draft was not as in a live run. */
function Notes({ test }: { test: TestRun }) {
  if (test.notes.length === 0) return null;
  return (
    <ul className="grid list-disc gap-0.5 pl-5 text-muted-foreground text-xs">
      {test.notes.map(({ itemId, message }) => (
        <li key={`${itemId}/${message}`}>{message}</li>
      ))}
    </ul>
  );
}

function Steps({ test, onUse }: { test: TestRun; onUse: UseState }) {
  const [chosen, setChosen] = useState<number | null>(null);
  if (test.steps.length === 0)
    return isOver(test) ? <p className="text-muted-foreground">No job was run.</p> : null;
  const step =
    test.steps.find(({ ordinal }) => ordinal === chosen) ?? test.steps.find(isTelling) ?? test.steps.at(-1);
  return (
    <>
      <Way test={test} shown={step} onShow={(ordinal) => setChosen(ordinal)} />
      {step ? <TestStepView key={step.ordinal} {...{ test, step, onUse }} /> : null}
    </>
  );
}

/** The step that says most: the first that did not succeed. */
const isTelling = ({ reason }: TestStep): boolean => reason !== null && reason !== "success";

type WayProps = { test: TestRun; shown: TestStep | undefined; onShow: (ordinal: number) => void };

/** The steps in the order in which they ran, and by which edge each was reached. */
function Way({ test: { steps }, shown, onShow }: WayProps) {
  const edges = useEditor(({ history }) => history.now.edges);
  const edgeTo = (step: TestStep) => {
    const before = steps.find(({ ordinal }) => ordinal === step.follows);
    const edge = edges.find(
      ({ id, targetJobId }) => targetJobId === step.jobId && before?.takenEdges?.includes(id),
    );
    return before && edge ? `after ${before.jobName}, ${edgeWords(edge)}` : null;
  };
  return (
    <nav aria-label="Steps of the test">
      <ol className="flex flex-wrap gap-1.5">
        {steps.map((step) => {
          const status = stepStatus({ exitReason: step.reason });
          const way = edgeTo(step);
          return (
            <li key={step.ordinal}>
              <button
                type="button"
                data-status={status}
                aria-pressed={step === shown}
                onClick={() => onShow(step.ordinal)}
                className={cn(
                  "grid rounded-md border border-(--status-line) bg-(--status-soft) px-2.5 py-1.5 text-left",
                  step === shown && "outline-2 outline-ring -outline-offset-1",
                )}
              >
                <span className="font-medium [overflow-wrap:anywhere]">{step.jobName}</span>
                <span className="nums flex items-center gap-1 text-(--status) text-xs">
                  <StatusIcon status={status} className="size-3" />
                  {statusWord(status)}
                  {step.durationMs === null ? "" : `, ${formatDuration(step.durationMs)}`}
                </span>
                {way ? <span className="text-muted-foreground text-xs">{way}</span> : null}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
