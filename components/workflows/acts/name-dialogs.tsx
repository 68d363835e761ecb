"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { ActProps } from "./types";

/** Gives a workflow another name, as a new version. */
export function RenameDialog({ projectId, workflow, close }: ActProps) {
  const rename = useApi({
    send: (name: string) =>
      api("PUT /api/projects/[project]/workflows/[id]/name", {
        params: { project: projectId, id: workflow.id },
        body: { lockVersion: workflow.lockVersion, name },
      }),
    message: "It has its new name.",
    done: close,
    hasForm: true,
  });
  return (
    <NameDialog
      title={`Rename ${workflow.name}`}
      description="Its runs, its history and its URLs stay as they are."
      name={workflow.name}
      submit="Rename"
      act={rename}
      problem={rename.problems.name}
      close={close}
    />
  );
}

/** Makes a workflow like this one, switched off, and opens it for editing. */
export function DuplicateDialog({ projectId, workflow, close }: ActProps) {
  const router = useRouter();
  const duplicate = useApi({
    send: (name: string) =>
      api("POST /api/projects/[project]/workflows/[id]/duplicate", {
        params: { project: projectId, id: workflow.id },
        body: { name },
      }),
    message: ({ notes }) => ["The copy is made.", ...notes].join(" "),
    done: ({ id }) => router.push(`/p/${projectId}/workflows/${id}/edit`),
    hasForm: true,
    isRefreshed: false,
  });
  return (
    <NameDialog
      title={`Duplicate ${workflow.name}`}
      description="The copy has URLs of its own, and its triggers are switched off."
      name={`${workflow.name} copy`}
      submit="Make the copy"
      act={duplicate}
      problem={duplicate.problems.name}
      close={close}
    />
  );
}

type Props = {
  title: string;
  description: ReactNode;
  name: string;
  submit: string;
  act: { mutate: (name: string) => void; isPending: boolean; isSuccess: boolean; error: Error | null };
  problem: string[] | undefined;
  close: () => void;
};

function NameDialog({ title, description, name: before, submit, act, problem, close }: Props) {
  const [name, setName] = useState(before);
  const isTaken = act.error instanceof ApiError && act.error.code === "conflict";
  return (
    <Dialog open onOpenChange={close}>
      <DialogContent title={title} description={description} className="w-[min(92vw,28rem)]">
        <Form
          saved={act.isSuccess}
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation();
            act.mutate(name);
          }}
          className="grid gap-4"
        >
          <Field label="Name" error={isTaken ? act.error?.message : problem}>
            <Input
              value={name}
              onChange={(event) => setName(event.target.value)}
              onFocus={(event) => event.currentTarget.select()}
              required
              autoComplete="off"
            />
          </Field>
          <FormError>{isTaken || problem ? undefined : act.error?.message}</FormError>
          <DialogActions submit={submit} disabled={act.isPending || act.isSuccess} />
        </Form>
      </DialogContent>
    </Dialog>
  );
}
