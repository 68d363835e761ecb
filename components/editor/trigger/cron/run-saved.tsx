"use client";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import { useIsChanged, useSaved } from "@/components/editor/trigger/saved";
import { RunNow } from "@/components/workflows/schedule";
import type { DraftTrigger } from "@/lib/editor/graph";

/** Starts the saved version by hand, as its next time would. */
export function RunSaved({ trigger }: { trigger: DraftTrigger }) {
  const { projectId, workflowId, may } = useEditorPlace();
  const saved = useSaved(trigger.id);
  const isChanged = useIsChanged();
  const leads = useEditor(({ base }) =>
    base.graph.edges.some(({ sourceTriggerId, enabled }) => sourceTriggerId === trigger.id && enabled),
  );
  if (!may.run) return null;
  if (saved.trigger?.type !== "cron")
    return (
      <p className="text-muted-foreground text-xs">
        It can be run by hand once it is saved as a version. Until then, try the draft.
      </p>
    );
  if (!leads)
    return (
      <p className="text-muted-foreground text-xs">
        The saved version {saved.version} leads nowhere from this schedule, so it cannot be run by hand.
      </p>
    );
  return (
    <div className="grid gap-1.5">
      <RunNow projectId={projectId} workflowId={workflowId} triggerId={trigger.id} />
      <p className="text-muted-foreground text-xs">
        It runs the saved version {saved.version}, and sends what that sends.
        {isChanged ? " What is changed in this draft is not in it." : ""}
      </p>
    </div>
  );
}
