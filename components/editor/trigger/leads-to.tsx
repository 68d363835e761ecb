"use client";
import { ArrowRight, Plus } from "lucide-react";
import { useDraft, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { edgeWords } from "@/components/workflows/edge-words";
import { addJob } from "@/lib/editor/edits";
import type { DraftTrigger } from "@/lib/editor/graph";
import { newTimeOrderedId } from "@/lib/time-ordered-id";

/** The jobs that a trigger leads to, each of which can be opened, and the way to another one. */
export function LeadsTo({ trigger }: { trigger: DraftTrigger }) {
  const store = useEditorStore();
  const { edges, jobs } = useDraft();
  const leaving = edges.filter(({ sourceTriggerId }) => sourceTriggerId === trigger.id);
  const add = () => {
    const ids = { job: newTimeOrderedId(), edge: newTimeOrderedId() };
    store.edit(addJob(ids, { kind: "trigger", id: trigger.id }));
    store.select({ kind: "job", id: ids.job });
  };
  return (
    <section aria-labelledby={`leads-${trigger.id}`} className="grid gap-2">
      <h3 id={`leads-${trigger.id}`} className="font-medium text-[13px]">
        Leads to
      </h3>
      {leaving.length === 0 ? (
        <p className="text-muted-foreground text-sm">
          No job yet.{" "}
          {trigger.type === "cron"
            ? "A schedule that leads nowhere starts nothing."
            : "What it starts ends without a job."}
        </p>
      ) : (
        <ul className="grid gap-1">
          {leaving.map((edge) => (
            <li
              key={edge.id}
              className="flex flex-wrap items-center gap-2 rounded-md border bg-card px-3 py-1.5"
            >
              <ArrowRight aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
              <Button
                variant="link"
                className="min-w-0 shrink whitespace-normal text-left [overflow-wrap:anywhere]"
                onClick={() => store.select({ kind: "job", id: edge.targetJobId })}
              >
                {jobs.find(({ id }) => id === edge.targetJobId)?.name || "Job without a name"}
              </Button>
              <Button
                variant="link"
                className="ml-auto text-muted-foreground text-xs"
                aria-label={`${edgeWords(edge)}: when it is followed`}
                onClick={() => store.select({ kind: "edge", id: edge.id })}
              >
                {edgeWords(edge)}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Button variant="outline" size="sm" className="justify-self-start" onClick={add}>
        <Plus aria-hidden /> Add a job after it
      </Button>
    </section>
  );
}
