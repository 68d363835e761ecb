"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { ReportList } from "@/components/spec/report-list";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { DifferenceView } from "@/components/workflows/difference-view";
import type { Restoration } from "@/lib/domain/workflow/restore";
import { isNoDifference } from "@/lib/workflow/difference";

export type RestoredWorkflow = { id: string; name: string; lockVersion: number; isDeleted: boolean };

type Props = { projectId: string; workflow: RestoredWorkflow; version: number };

/** A button that opens the dialog for a version of a list. */
export function RestoreButton(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" variant="outline" onClick={() => setOpen(true)}>
        Restore…<span className="sr-only"> version {props.version}</span>
      </Button>
      {isOpen ? <RestoreDialog {...props} close={() => setOpen(false)} /> : null}
    </>
  );
}

/** Shows what restoring a version changes and what cannot come back, and does it. */
export function RestoreDialog({ projectId, workflow, version, close }: Props & { close: () => void }) {
  const params = { project: projectId, id: workflow.id, version: String(version) };
  const { data, error } = useQuery({
    queryKey: ["restoration", workflow.id, version, workflow.lockVersion],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]/versions/[version]/restore", { params, signal }),
    gcTime: 0,
  });
  return (
    <Dialog open onOpenChange={close}>
      <DialogContent
        title={`Restore version ${version} of ${workflow.name}`}
        description={
          workflow.isDeleted
            ? "The workflow is there again and takes what arrives from then on, as a new version."
            : "It becomes a new version: what there is now stays in the list. Runs that wait or have started keep the version they have."
        }
        className="w-[min(94vw,52rem)]"
      >
        {error ? <FormError>{error.message}</FormError> : null}
        {data ? (
          <RestoreForm projectId={projectId} restoration={data} close={close} />
        ) : error ? null : (
          <Skeleton className="h-24" />
        )}
      </DialogContent>
    </Dialog>
  );
}

type FormProps = { projectId: string; restoration: Restoration; close: () => void };

function RestoreForm({ projectId, restoration, close }: FormProps) {
  const { workflowId, version, lockVersion, notes, difference, isDeleted } = restoration;
  const router = useRouter();
  const [name, setName] = useState(restoration.name);
  const hasName = isDeleted || difference.workflow.some(({ field }) => field === "name");
  const restore = useApi({
    send: () =>
      api("POST /api/projects/[project]/workflows/[id]/versions/[version]/restore", {
        params: { project: projectId, id: workflowId, version: String(version) },
        body: { lockVersion, ...(name === restoration.name ? {} : { name }) },
      }),
    message: (done) =>
      done.changed
        ? `Version ${version} is restored as version ${done.lockVersion}.`
        : "It says the same already: nothing was changed.",
    done: () => {
      close();
      router.push(`/p/${projectId}/workflows/${workflowId}/versions`);
    },
    hasForm: true,
  });
  return (
    <Form
      saved={restore.isSuccess}
      onSubmit={(event) => {
        event.preventDefault();
        restore.mutate(undefined);
      }}
      className="grid grid-cols-1 gap-4"
    >
      {notes.length > 0 ? <ReportList lines={notes} label="What to know first" /> : null}
      {isDeleted && isNoDifference(difference) ? (
        <p className="text-muted-foreground">It is what the workflow was like when it was deleted.</p>
      ) : (
        <DifferenceView difference={difference} />
      )}
      {hasName ? (
        <Field label="Name" error={restore.problems.name}>
          <Input value={name} onChange={(event) => setName(event.target.value)} required />
        </Field>
      ) : null}
      <FormError>{restore.error?.message}</FormError>
      <DialogActions
        cancel="Keep it as it is"
        submit={`Restore version ${version}`}
        disabled={restore.isPending}
      />
    </Form>
  );
}
