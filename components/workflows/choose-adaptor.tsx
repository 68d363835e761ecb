"use client";
import { TriangleAlert } from "lucide-react";
import type { FormEvent } from "react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import type { JobNode } from "@/lib/workflow/types";

type Props = { projectId: string; job: JobNode; mayWrite: boolean };

/** Of a job whose adaptor cannot be had: why it does not run, and another one for it. */
export function ChooseAdaptor({ projectId, job, mayWrite }: Props) {
  return (
    <section data-status="crashed" className="grid gap-3 rounded-md border border-(--status) p-3">
      <p className="flex items-start gap-2">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-(--status)" />
        <span>
          This job cannot run: there was no adaptor{" "}
          <code className="font-mono text-[13px]">{job.adaptor}</code> when the workflow was saved.{" "}
          {mayWrite
            ? "Choose another one for it."
            : "An editor of this project can choose another one for it."}
        </span>
      </p>
      {mayWrite ? <Choice projectId={projectId} job={job} /> : null}
    </section>
  );
}

function Choice({ projectId, job }: Omit<Props, "mayWrite">) {
  const choose = useApi({
    send: (adaptor: string) =>
      api("PUT /api/projects/[project]/jobs/[job]/adaptor", {
        params: { project: projectId, job: job.id },
        body: { adaptor },
      }),
    message: ({ version }) => `${job.name} runs with ${version} from now on.`,
    hasForm: true,
  });
  return (
    <Form
      saved={choose.isSuccess}
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        choose.mutate(String(new FormData(event.currentTarget).get("adaptor") ?? ""));
      }}
      className="grid gap-3"
    >
      <Field label="Adaptor" error={choose.error?.message}>
        <Input
          name="adaptor"
          defaultValue={`${adaptorName(job.adaptor)}@latest`}
          required
          maxLength={200}
          autoComplete="off"
          className="font-mono"
        />
      </Field>
      <Button type="submit" disabled={choose.isPending} className="justify-self-start">
        {choose.isPending ? "Looking it up…" : "Use it"}
      </Button>
    </Form>
  );
}
