"use client";
import { Trash2 } from "lucide-react";
import { useEditor, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";

/** Throws the draft away; shown while there is one. */
export function DiscardButton() {
  const store = useEditorStore();
  const hasDraft = useEditor(
    ({ onServer, history }) => onServer.revision !== null || history.now !== onServer.graph,
  );
  const discard = useApi({
    send: () => store.discard(),
    message: "Discarded. Undo makes it a draft again.",
    isRefreshed: false,
  });
  if (!hasDraft) return null;
  return (
    <Confirm
      trigger={
        <Button variant="outline" disabled={discard.isPending}>
          <Trash2 aria-hidden /> Discard
        </Button>
      }
      title="Discard this draft?"
      description="All that you have changed since the saved version goes, in every window. Nothing that runs is touched."
      action="Discard it"
      cancel="Keep it"
      destructive
      onConfirm={() => discard.mutate(undefined)}
    />
  );
}
