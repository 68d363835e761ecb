"use client";
import { Redo2, Undo2 } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { ProblemsButton } from "./problems-button";
import { PromoteButton } from "./promote/promote-button";
import { DiscardButton } from "./saving/discard-button";
import { SavingWords } from "./saving/saving-words";
import { useEditor, useEditorPlace, useEditorStore } from "./store";
import { useDraftKeys } from "./use-draft-keys";

/** The workflow's name, what can be done with the draft as a whole, and how it stands. */
export function EditorHeader() {
  const store = useEditorStore();
  const { projectId, workflowId } = useEditorPlace();
  const name = useEditor(({ history }) => history.now.name);
  const canUndo = useEditor(({ history }) => history.past.length > 0);
  const canRedo = useEditor(({ history }) => history.future.length > 0);
  useDraftKeys();
  return (
    <PageHeader
      title={name || "Workflow without a name"}
      parent={<Link href={`/p/${projectId}/workflows/${workflowId}`}>Back to the workflow</Link>}
      description={<SavingWords />}
      actions={
        <>
          <Button
            variant="ghost"
            size="icon"
            aria-label="Undo"
            title="Undo (Ctrl+Z)"
            disabled={!canUndo}
            onClick={() => store.undo()}
          >
            <Undo2 aria-hidden />
          </Button>
          <Button
            variant="ghost"
            size="icon"
            aria-label="Redo"
            title="Redo (Shift+Ctrl+Z)"
            disabled={!canRedo}
            onClick={() => store.redo()}
          >
            <Redo2 aria-hidden />
          </Button>
          <ProblemsButton />
          <DiscardButton />
          <PromoteButton />
        </>
      }
    />
  );
}
