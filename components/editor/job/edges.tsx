"use client";
import { itemName } from "@/components/editor/item-name";
import { useDraft, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { edgeWords } from "@/components/workflows/edge-words";
import type { DraftEdge } from "@/lib/editor/graph";

/** What leads to the job, and what comes after it. */
export function JobEdges({ jobId }: { jobId: string }) {
  const draft = useDraft();
  const into = draft.edges.filter((edge) => edge.targetJobId === jobId);
  const out = draft.edges.filter((edge) => edge.sourceJobId === jobId);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Edges title="Runs after" none="Nothing leads to it: it never runs." edges={into} end="source" />
      <Edges title="Leads to" none="It is a last job: nothing comes after it." edges={out} end="target" />
    </div>
  );
}

type EdgesProps = { title: string; none: string; edges: DraftEdge[]; end: "source" | "target" };

function Edges({ title, none, edges, end }: EdgesProps) {
  const draft = useDraft();
  const store = useEditorStore();
  return (
    <section aria-label={title} className="grid content-start gap-1.5">
      <h4 className="text-muted-foreground text-xs">{title}</h4>
      {edges.length === 0 ? <p className="text-muted-foreground text-xs">{none}</p> : null}
      <ul className="grid gap-1">
        {edges.map((edge) => {
          const isTrigger = edge.sourceJobId === null;
          const node = end === "target" ? edge.targetJobId : (edge.sourceJobId ?? edge.sourceTriggerId);
          const kind = end === "source" && isTrigger ? "trigger" : "job";
          return (
            <li key={edge.id} className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
              {node === null ? null : (
                <Button variant="link" size="sm" onClick={() => store.select({ kind, id: node })}>
                  {itemName(draft, node)}
                </Button>
              )}
              <Button
                variant="link"
                size="sm"
                className="text-muted-foreground"
                onClick={() => store.select({ kind: "edge", id: edge.id })}
              >
                {edgeWords(edge)}
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
