"use client";
import Link from "next/link";
import { ApiError, api } from "@/components/api";
import { useApi } from "@/components/use-api";
import { ActDialog } from "./act-dialog";
import { goesOff, switchedName } from "./acts-of";
import type { ActProps } from "./types";

type Props = ActProps & { on: boolean; triggerId?: string };

/** Switches a workflow, or one trigger of it, on or off, as a new version. */
export function SwitchDialog({ projectId, workflow, close, on, triggerId }: Props) {
  const name = switchedName(workflow, triggerId);
  const other = goesOff(workflow, triggerId);
  const change = useApi({
    send: () =>
      api("PUT /api/projects/[project]/workflows/[id]/enabled", {
        params: { project: projectId, id: workflow.id },
        body: { lockVersion: workflow.lockVersion, enabled: on, ...(triggerId ? { triggerId } : {}) },
      }),
    message: `${name} is switched ${on ? "on" : "off"}.`,
    done: close,
    hasForm: true,
  });
  const isUnsound = change.error instanceof ApiError && change.error.code === "invalid";
  return (
    <ActDialog
      title={`Switch ${name} ${on ? "on" : "off"}?`}
      submit={on ? "Switch on" : "Switch off"}
      isPending={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate(undefined)}
      close={close}
      {...(on ? {} : { waiting: { projectId, workflowId: workflow.id } })}
    >
      <p>
        {on
          ? "From now on it starts for what arrives. What came before it was switched on is not made up for."
          : "Neither a message nor the clock starts it any more. What it has accepted still runs to its end."}
      </p>
      {on && other ? <p>{other} goes off: of a workflow's triggers one at most is on.</p> : null}
      {isUnsound ? (
        <p>
          <Link
            href={`/p/${projectId}/workflows/${workflow.id}/edit?problem=1`}
            className="text-accent underline underline-offset-3"
          >
            See what is wrong in the editor
          </Link>
        </p>
      ) : null}
    </ActDialog>
  );
}
