"use client";
import { RestoreDialog } from "@/components/versions/restore-dialog";
import { ArchiveDialog } from "./archive-dialog";
import { DeleteDialog } from "./delete-dialog";
import { DuplicateDialog, RenameDialog } from "./name-dialogs";
import { SwitchDialog } from "./switch-dialog";
import type { Act, ActProps } from "./types";

/** The dialog of an act, open. */
export function ActOf({ act, ...props }: ActProps & { act: Act }) {
  const { projectId, workflow, close } = props;
  switch (act.kind) {
    case "rename":
      return <RenameDialog {...props} />;
    case "duplicate":
      return <DuplicateDialog {...props} />;
    case "switch":
      return <SwitchDialog {...props} on={act.on} {...(act.triggerId ? { triggerId: act.triggerId } : {})} />;
    case "archive":
    case "unarchive":
      return <ArchiveDialog {...props} />;
    case "delete":
      return <DeleteDialog {...props} />;
    case "rollBack":
      return (
        <RestoreDialog
          projectId={projectId}
          workflow={{ ...workflow, isDeleted: false }}
          version={workflow.lockVersion - 1}
          close={close}
        />
      );
    default:
      return act satisfies never;
  }
}
