"use client";
import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import type { LibraryUse } from "@/lib/domain/library/types";

/** Uses by their workflow. */
export function byWorkflow(uses: readonly LibraryUse[]): { id: string; name: string; uses: LibraryUse[] }[] {
  const found = new Map<string, { id: string; name: string; uses: LibraryUse[] }>();
  for (const use of uses) {
    const of = found.get(use.workflowId) ?? { id: use.workflowId, name: use.workflowName, uses: [] };
    of.uses.push(use);
    found.set(use.workflowId, of);
  }
  return [...found.values()];
}

type Props = { uses: readonly LibraryUse[]; chosen: string[]; onChange: (ids: string[]) => void };

/** Which workflows take a version over. */
export function Takers({ uses, chosen, onChange }: Props) {
  const workflows = byWorkflow(uses);
  const all = workflows.map(({ id }) => id);
  const isAll = all.length > 0 && all.every((id) => chosen.includes(id));
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-[13px]">Taken over by</legend>
      {workflows.length > 1 ? (
        <Choice
          words="All of them"
          about={`${workflows.length} workflows, all or none`}
          isChosen={isAll}
          onChange={(is) => onChange(is ? all : [])}
        />
      ) : null}
      {workflows.map(({ id, name, uses: own }) => (
        <Choice
          key={id}
          words={name}
          about={own.map(({ jobName, version }) => `${jobName} at version ${version}`).join(", ")}
          isChosen={chosen.includes(id)}
          onChange={(is) => onChange(is ? [...chosen, id] : chosen.filter((one) => one !== id))}
        />
      ))}
    </fieldset>
  );
}

type ChoiceProps = { words: string; about: string; isChosen: boolean; onChange: (is: boolean) => void };

function Choice({ words, about, isChosen, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <Checkbox id={id} className="mt-0.5" checked={isChosen} onCheckedChange={onChange} />
      <label htmlFor={id} className="min-w-0 [overflow-wrap:anywhere]">
        <span className="font-medium">{words}</span>{" "}
        <span className="text-muted-foreground text-xs">{about}</span>
      </label>
    </div>
  );
}
