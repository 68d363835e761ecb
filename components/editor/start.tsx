"use client";
import type { ReactNode } from "react";
import { triggerName } from "@/components/workflows/edge-words";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import type { Source } from "@/lib/editor/graph";
import { actAddJob, actAddTrigger } from "./acts";
import { jobChoices, triggerChoices } from "./choices";
import { useDraft, useEditorStore } from "./store";

/** How an empty workflow begins: first what starts it, then what is done. Nothing of it once there are both. */
export function Start() {
  const { triggers, jobs } = useDraft();
  const [trigger] = triggers;
  if (!trigger && jobs.length === 0) return <WhatStarts />;
  return trigger && jobs.length === 0 ? <WhatIsDone after={{ kind: "trigger", id: trigger.id }} /> : null;
}

function WhatStarts() {
  const store = useEditorStore();
  return (
    <Question title="What starts it?" says="You can add others afterwards. Nothing runs before you say so.">
      {triggerChoices.map(({ type, says }) => (
        <Choice
          key={type}
          icon={<TriggerIcon type={type} className="size-4" />}
          label={triggerName(type)}
          says={says}
          onChoose={() => actAddTrigger(store, type)}
        />
      ))}
    </Question>
  );
}

function WhatIsDone({ after }: { after: Source }) {
  const store = useEditorStore();
  return (
    <Question title="What is done?" says="The first job. Others can follow it, or catch its failure.">
      {jobChoices.map((choice) => (
        <Choice
          key={choice.label}
          label={choice.label}
          says={choice.says}
          onChoose={() => actAddJob(store, after, { choice })}
        />
      ))}
    </Question>
  );
}

function Question({ title, says, children }: { title: string; says: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="mb-5 rounded-lg border border-accent/50 bg-card p-4 sm:p-5">
      <h2 className="font-semibold text-[15px]">{title}</h2>
      <p className="mb-3 text-muted-foreground text-sm">{says}</p>
      <div className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">{children}</div>
    </section>
  );
}

type ChoiceProps = { icon?: ReactNode; label: string; says: string; onChoose: () => void };

const Choice = ({ icon, label, says, onChoose }: ChoiceProps) => (
  <button
    type="button"
    onClick={onChoose}
    className="grid content-start gap-0.5 rounded-md border border-input/60 px-3 py-2.5 text-left hover:border-accent hover:bg-accent-soft"
  >
    <span className="flex items-center gap-2 font-medium">
      {icon}
      {label}
    </span>
    <span className="text-muted-foreground text-xs">{says}</span>
  </button>
);
