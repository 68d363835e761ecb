"use client";
import { CircleCheck, X } from "lucide-react";
import Link from "next/link";
import { api } from "@/components/api";
import { remoteOf } from "@/components/editor/saving/remote";
import { useEditor, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { targetFields } from "@/components/editor/target-fields";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";
import { fieldId } from "@/lib/editor/field-id";

/** After a promotion: that it is done, what should be known of it, and the way back. */
export function PromotedLine() {
  const store = useEditorStore();
  const place = useEditorPlace();
  const promoted = useEditor((state) => state.promoted);
  const { projectId, workflowId } = place;
  const isOff = useEditor(
    ({ history: { now } }) => now.triggers.length > 0 && now.triggers.every(({ enabled }) => !enabled),
  );
  const before = (promoted?.version ?? 1) - 1;
  const rollBack = useApi({
    send: async () => {
      await api("POST /api/projects/[project]/workflows/[id]/versions/[version]/restore", {
        params: { project: projectId, id: workflowId, version: String(before) },
        body: { lockVersion: before + 1 },
      });
      return remoteOf(place).get();
    },
    message: `Rolled back: what version ${before} was runs again.`,
    done: ({ draft, base }) => {
      store.set({ promoted: null });
      // What was changed since is a draft by itself, and is merged like anybody's.
      if (!draft && !store.isDirty) store.settle(base, base.graph, null);
    },
    isRefreshed: false,
  });
  if (!promoted) return null;
  return (
    <section
      id={fieldId(null, targetFields.promoted)}
      aria-label="Saved"
      data-status="success"
      className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border bg-card px-4 py-2.5"
    >
      <CircleCheck aria-hidden className="size-4 text-(--status)" />
      <div role="status" className="min-w-0 flex-1 basis-60">
        <p>
          Version {promoted.version} is saved and counts from now on.{" "}
          <Link href={`/p/${projectId}/workflows/${workflowId}/versions`} className="underline">
            Versions
          </Link>
        </p>
        {isOff ? (
          <p className="text-muted-foreground">
            Nothing starts it yet: it is switched off.{" "}
            <button
              type="button"
              className="underline underline-offset-3"
              onClick={() => store.goTo({ itemId: null, field: "triggers" })}
            >
              Show what starts it
            </button>
          </p>
        ) : null}
        {promoted.notes.map((note) => (
          <p key={note} className="text-muted-foreground">
            {note}
          </p>
        ))}
      </div>
      {before > 0 ? (
        <Button variant="outline" disabled={rollBack.isPending} onClick={() => rollBack.mutate(undefined)}>
          Roll back to version {before}
        </Button>
      ) : null}
      <Button
        variant="ghost"
        size="icon"
        aria-label="Close this line"
        onClick={() => store.set({ promoted: null })}
      >
        <X aria-hidden />
      </Button>
    </section>
  );
}
