"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Power } from "lucide-react";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { ReplayPanel } from "@/components/editor/run/replay-panel";
import { remoteOf } from "@/components/editor/saving/remote";
import { useDraft, useEditor, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { targetFields } from "@/components/editor/target-fields";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { useApi } from "@/components/use-api";
import { DifferenceView } from "@/components/workflows/difference-view";
import { triggerName } from "@/components/workflows/edge-words";
import type { DraftDifference } from "@/lib/domain/draft/difference";
import { sameDraft } from "@/lib/editor/same-draft";
import { switchOn } from "@/lib/editor/trigger-type";
import { PromoteProblems } from "./promote-problems";

/** What a version's note may have (lib/limits). All limits with their words are too much for a page. */
const longestNote = 500;

/** What saving the draft as a version changes and what is wrong with it, a note, and the act. */
export function PromoteDialog({ close }: { close: () => void }) {
  const store = useEditorStore();
  const { projectId, workflowId } = useEditorPlace();
  const [note, setNote] = useState(store.state.note ?? "");
  const revision = useEditor(({ onServer }) => onServer.revision);
  const params = { project: projectId, id: workflowId };
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["draft-difference", workflowId, revision],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/draft/difference", { params, signal }),
    // What is written here stays while the draft is looked at again.
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
  /** The draft keeps what was written about it. */
  const leave = () => {
    store.set({ note: note.trim() || null });
    close();
  };
  return (
    <Dialog open onOpenChange={(isOpen) => (isOpen ? undefined : leave())}>
      <DialogContent
        title="Save as a version"
        description="From then on messages, the clock and other workflows start the new version. Runs that have begun keep theirs."
        className="w-[min(94vw,52rem)]"
      >
        {error ? <FormError>{error.message}</FormError> : null}
        {data ? <ReplayFirst /> : null}
        {data ? (
          <PromoteForm {...{ data, note, setNote, leave, close }} isOld={isPlaceholderData} />
        ) : error ? null : (
          <Skeleton className="h-24" />
        )}
      </DialogContent>
    </Dialog>
  );
}

/** What would change for the last messages, before it is saved. */
function ReplayFirst() {
  const { may } = useEditorPlace();
  const [isOpen, setOpen] = useState(false);
  if (!may.run) return null;
  return (
    <div className="mb-4 grid grid-cols-1 gap-3">
      <div>
        <Button size="sm" variant="outline" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Replay it on the last messages first
        </Button>
      </div>
      {isOpen ? <ReplayPanel /> : null}
    </div>
  );
}

/** What is saved with every trigger off starts nothing. It is said before, with the way to change it. */
function AllOff() {
  const store = useEditorStore();
  const { triggers } = useDraft();
  const change = useApi({
    send: (id: string) => {
      store.edit(switchOn(id));
      return store.flush();
    },
    isRefreshed: false,
  });
  if (triggers.length === 0 || triggers.some(({ enabled }) => enabled)) return null;
  return (
    <section aria-label="What starts it" className="grid gap-2 rounded-md border p-3">
      <p>
        {triggers.length === 1 ? "Its trigger is" : "All of its triggers are"} switched off: nothing starts
        this version until {triggers.length === 1 ? "it is" : "one is"} switched on.
      </p>
      <div className="flex flex-wrap gap-2">
        {triggers.map(({ id, type }) => (
          <Button
            key={id}
            size="sm"
            variant="outline"
            disabled={change.isPending}
            onClick={() => change.mutate(id)}
          >
            <Power aria-hidden /> Switch on with it: {triggerName(type)}
          </Button>
        ))}
      </div>
    </section>
  );
}

type FormProps = {
  data: DraftDifference;
  note: string;
  setNote: (note: string) => void;
  /** Closes the dialog, and leaves a draft. */
  leave: () => void;
  close: () => void;
  /** What is shown is of the draft before it was changed here. */
  isOld: boolean;
};

function PromoteForm({ data, note, setNote, leave, close, isOld }: FormProps) {
  const store = useEditorStore();
  const place = useEditorPlace();
  const { revision, lockVersion, baseVersion, difference, problems } = data;
  const params = { project: place.projectId, id: place.workflowId };
  const promote = useApi({
    send: async () => {
      const saved = await api("POST /api/projects/[project]/workflows/[id]/draft/promote", {
        params,
        body: { revision, lockVersion: baseVersion, note: note.trim() || null },
      });
      return { saved, there: await remoteOf(place).get() };
    },
    done: ({ saved, there }) => {
      const { base } = there;
      const graph = sameDraft(base.graph, store.draft) ? store.draft : base.graph;
      store.settle({ version: base.version, graph }, graph, null);
      const promoted = saved.changed ? { version: saved.lockVersion, notes: saved.notes } : null;
      const target = {
        itemId: null,
        field: promoted ? targetFields.promoted : targetFields.panel,
        line: null,
      };
      store.set({ promoted, target });
      close();
    },
    hasForm: true,
    isRefreshed: false,
  });
  const refused = promote.error instanceof ApiError ? promote.error : null;
  const isBlocked = problems.some(({ weight }) => weight === "refuses");
  const goTo = (problem: Parameters<typeof store.goTo>[0]) => {
    leave();
    store.goTo(problem);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        promote.mutate(undefined, {
          onError: (error) => {
            if (error instanceof ApiError && store.refuse(error.details)) leave();
          },
        });
      }}
      className="grid grid-cols-1 gap-4"
    >
      {lockVersion === baseVersion ? null : (
        <p role="alert" className="rounded-md border p-3">
          Somebody has saved version {lockVersion} since your draft began with version {baseVersion}. Close
          this, look at what changed and take it over: it is offered above the workflow.
        </p>
      )}
      <PromoteProblems problems={problems} onGo={goTo} />
      <AllOff />
      <DifferenceView difference={difference} />
      <Field
        label="Note"
        hint="What is new, for whoever looks at the versions later. It may be left empty."
        error={promote.problems.note}
      >
        <Textarea value={note} maxLength={longestNote} onChange={(event) => setNote(event.target.value)} />
      </Field>
      <FormError>{refused?.message ?? promote.error?.message}</FormError>
      <DialogActions
        cancel="Keep it as a draft"
        submit={promote.isPending ? "Saving…" : "Save as a version"}
        disabled={isOld || promote.isPending || isBlocked || lockVersion !== baseVersion}
      />
    </form>
  );
}
