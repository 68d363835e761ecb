"use client";
import { api } from "@/components/api";
import { useApi } from "@/components/use-api";
import { ActDialog } from "./act-dialog";
import type { ActProps } from "./types";

/** Puts a workflow away, or takes it back. */
export function ArchiveDialog({ projectId, workflow, close }: ActProps) {
  const { id, name, isArchived, triggers } = workflow;
  const params = { project: projectId, id };
  const change = useApi({
    send: () =>
      isArchived
        ? api("POST /api/projects/[project]/workflows/[id]/unarchive", { params })
        : api("POST /api/projects/[project]/workflows/[id]/archive", { params }),
    message: isArchived ? `${name} is in use again, and switched off.` : `${name} is archived.`,
    done: close,
    hasForm: true,
  });
  const isOn = triggers.some(({ enabled }) => enabled);
  return (
    <ActDialog
      title={isArchived ? `Take ${name} out of the archive?` : `Archive ${name}?`}
      submit={isArchived ? "Take it out" : "Archive"}
      isPending={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate(undefined)}
      close={close}
      {...(isArchived ? {} : { waiting: { projectId, workflowId: id } })}
    >
      <p>
        {isArchived
          ? "It is listed with the others again. Its triggers stay switched off until somebody switches them on."
          : `${isOn ? "It is switched off" : "It stays switched off"} and listed apart from the others. What it has accepted still runs to its end, and what it did stays in the history.`}
      </p>
    </ActDialog>
  );
}
