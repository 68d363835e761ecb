"use client";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useQueryState } from "nuqs";
import { useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import type { EditorProblem } from "@/lib/editor/refused";
import { itemNames } from "./item-name";
import { editParams } from "./params";
import { useDraft, useEditor, useEditorStore } from "./store";

/** How many things are wrong, and the list of them; each leads to its field. */
export function ProblemsButton() {
  const [asked, setAsked] = useQueryState("problem", editParams.problem);
  const [isPressed, setPressed] = useState(false);
  const store = useEditorStore();
  const draft = useDraft();
  const problems = useEditor((state) => state.problems);
  // Whoever comes from where it was refused is shown why.
  const isOpen = isPressed || (asked !== null && problems.length > 0);
  const setOpen = (isNow: boolean) => {
    setPressed(isNow);
    if (!isNow && asked !== null) void setAsked(null, { history: "replace" });
  };
  const nameOf = useMemo(() => itemNames(draft), [draft]);
  const words = countWords(problems.length);
  return (
    <Popover open={isOpen} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="outline" className="nums">
          {problems.length === 0 ? (
            <CircleCheck aria-hidden />
          ) : (
            <TriangleAlert aria-hidden data-status="failed" className="text-(--status)" />
          )}
          {words}
        </Button>
      </PopoverTrigger>
      <PopoverContent
        align="end"
        aria-label={words}
        className="max-h-[70vh] w-[min(92vw,26rem)] overflow-y-auto"
      >
        {problems.length === 0 ? (
          <p className="text-muted-foreground">Nothing is wrong with this draft.</p>
        ) : (
          <ul className="grid gap-1">
            {problems.map((problem) => (
              <li key={`${problem.itemId} ${problem.field} ${problem.message}`}>
                <ProblemLine
                  name={nameOf(problem.itemId)}
                  problem={problem}
                  onGo={() => {
                    store.goTo(problem);
                    setOpen(false);
                  }}
                />
              </li>
            ))}
          </ul>
        )}
      </PopoverContent>
    </Popover>
  );
}

type LineProps = { name: string; problem: EditorProblem; onGo: () => void };

function ProblemLine({ name, problem, onGo }: LineProps) {
  const isHard = problem.weight === "refuses";
  const Icon = isHard ? CircleAlert : TriangleAlert;
  return (
    <div className="grid grid-cols-[auto_1fr_auto] items-start gap-x-2.5 rounded-md p-1.5">
      <Icon
        aria-hidden
        data-status={isHard ? "failed" : "pending"}
        className="mt-0.5 size-4 text-(--status)"
      />
      <p className="min-w-0 text-[13px] leading-snug [overflow-wrap:anywhere]">
        <span className="font-medium">{name}</span>
        {problem.line === undefined ? null : <span className="nums">, line {problem.line}</span>}
        <span className="block text-muted-foreground">{problem.message}</span>
      </p>
      <Button variant="outline" size="sm" onClick={onGo} aria-label={`Go to it: ${name}`}>
        Go to it
      </Button>
    </div>
  );
}

const countWords = (count: number) =>
  count === 0 ? "No problems" : count === 1 ? "1 problem" : `${count} problems`;
