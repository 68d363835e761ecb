"use client";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { itemName } from "@/components/editor/item-name";
import { useDraft } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import type { DraftDifference } from "@/lib/domain/draft/difference";
import { inPlainWords } from "@/lib/editor/problems";

type Problem = DraftDifference["problems"][number];
type Props = { problems: Problem[]; onGo: (problem: Problem) => void };

/** What is wrong with a draft, each with the way to its field. */
export function PromoteProblems({ problems, onGo }: Props) {
  const draft = useDraft();
  if (problems.length === 0) return null;
  const isBlocked = problems.some(({ weight }) => weight === "refuses");
  return (
    <section aria-label="What is wrong" className="grid gap-1.5 rounded-md border p-3">
      <h3 className="font-medium">
        {isBlocked ? "This keeps it from being saved" : "It can be saved, and not be switched on"}
      </h3>
      <ul className="grid gap-1">
        {problems.map((given) => {
          const problem = inPlainWords(draft, given);
          const { itemId, field, message, line, weight } = problem;
          const Icon = weight === "refuses" ? CircleAlert : TriangleAlert;
          return (
            <li
              key={`${itemId} ${field} ${line} ${message}`}
              className="grid grid-cols-[auto_1fr_auto] items-start gap-x-2.5"
            >
              <Icon
                aria-hidden
                data-status={weight === "refuses" ? "failed" : "pending"}
                className="mt-0.5 size-4 text-(--status)"
              />
              <p className="min-w-0 text-[13px] leading-snug [overflow-wrap:anywhere]">
                <span className="font-medium">{itemName(draft, itemId)}</span>
                {line === null ? null : <span className="nums">, line {line}</span>}
                <span className="block text-muted-foreground">{message}</span>
              </p>
              <Button
                type="button"
                variant="outline"
                size="sm"
                onClick={() => onGo(problem)}
                aria-label={`Go to it: ${itemName(draft, itemId)}`}
              >
                Go to it
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
