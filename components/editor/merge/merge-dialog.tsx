"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { apiPath, getText } from "@/components/api";
import { useEditor, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { Form } from "@/components/unsaved/form";
import { VersionDifference } from "@/components/workflows/version-difference";
import type { Choice } from "@/lib/editor/collision";
import { toDraft } from "@/lib/editor/graph";
import { mergeDrafts } from "@/lib/editor/merge";
import { parseExact } from "@/lib/exact-json";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { CollisionChoice } from "./collision-choice";

type Saved = { lockVersion: number; graph: WorkflowGraph };
type Props = { savedBy: string; close: () => void };

/** What somebody else changed, and what of it collides with the draft: the rest is taken over by itself. */
export function MergeDialog({ savedBy, close }: Props) {
  const { projectId, workflowId } = useEditorPlace();
  const from = useEditor(({ base }) => base.version);
  const { data, error } = useQuery({
    queryKey: ["saved-workflow", workflowId, from],
    queryFn: async ({ signal }) => {
      const path = apiPath("/api/projects/[project]/workflows/[id]", { project: projectId, id: workflowId });
      return parseExact(await getText(path, signal)) as unknown as Saved;
    },
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog open onOpenChange={(isOpen) => (isOpen ? undefined : close())}>
      <DialogContent
        title="Take over what was saved meanwhile"
        description="What only one of you changed comes together by itself. Your draft stays a draft; undo leads back."
        className="w-[min(94vw,52rem)]"
      >
        {error ? <FormError>{error.message}</FormError> : null}
        {data ? (
          <MergeForm {...{ savedBy, close, from }} saved={data} />
        ) : error ? null : (
          <Skeleton className="h-24" />
        )}
      </DialogContent>
    </Dialog>
  );
}

type FormProps = Props & { from: number; saved: Saved };

function MergeForm({ savedBy, from, saved, close }: FormProps) {
  const { projectId, workflowId } = useEditorPlace();
  const store = useEditorStore();
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const [isTaken, setTaken] = useState(false);
  const mine = useEditor(({ history }) => history.now);
  const before = useEditor(({ base }) => base.graph);
  const theirs = toDraft(saved.graph);
  const { graph, collisions } = mergeDrafts(before, mine, theirs, choices);
  const open = collisions.filter(({ choice }) => choice === null).length;
  return (
    <Form
      saved={isTaken}
      onSubmit={(event) => {
        event.preventDefault();
        setTaken(true);
        takeOver(store, { version: saved.lockVersion, graph: theirs }, graph);
        close();
      }}
      className="grid grid-cols-1 gap-4"
    >
      <section aria-labelledby="their-changes" className="grid gap-2">
        <h3 id="their-changes" className="font-semibold">
          What {savedBy} changed
        </h3>
        <VersionDifference {...{ projectId, workflowId, from }} to={saved.lockVersion} />
      </section>
      {collisions.length > 0 ? (
        <section aria-labelledby="collisions" className="grid gap-3">
          <h3 id="collisions" className="font-semibold">
            {collisions.length === 1 ? "One thing" : `${collisions.length} things`} you both changed
          </h3>
          {collisions.map((collision) => (
            <CollisionChoice
              key={collision.key}
              {...{ collision, savedBy, mine, theirs }}
              onChoose={(choice) => setChoices((now) => new Map(now).set(collision.key, choice))}
            />
          ))}
        </section>
      ) : (
        <p className="text-muted-foreground">Nothing of it collides with what you have changed.</p>
      )}
      <DialogActions
        cancel="Not yet"
        submit={open === 0 ? "Take it over" : `Choose ${open} more`}
        disabled={open > 0}
      />
    </Form>
  );
}

type Store = ReturnType<typeof useEditorStore>;

/** Without a draft it is the saved version that is shown; with one the draft goes on from there, and is saved by itself. */
function takeOver(
  store: Store,
  base: Parameters<Store["rebase"]>[0],
  graph: Parameters<Store["rebase"]>[1],
): void {
  if (store.state.onServer.revision === null && !store.isDirty) store.settle(base, base.graph, null);
  else store.rebase(base, graph);
}
