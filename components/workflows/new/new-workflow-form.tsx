"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { CopyButton } from "@/components/ui/copy-button";
import { DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { templates } from "@/lib/templates";
import { freeWorkflowName, newWorkflow } from "@/lib/templates/new-workflow";
import type { Kit, Template } from "@/lib/templates/template";
import { newTimeOrderedId } from "@/lib/time-ordered-id";
import { TemplateOutline } from "./template-outline";

export type Adaptors = Kit["adaptors"];

type Props = {
  projectId: string;
  adaptors: Adaptors;
  /** The key of a template, `empty`, or whatever else means that nothing is chosen yet. */
  chosen: string | null;
};

const empty = "empty";

/** A template or none, and a name; the workflow is made and opened for editing. */
export function NewWorkflowForm({ projectId, adaptors, chosen }: Props) {
  const router = useRouter();
  const [key, setKey] = useState(templates.some((one) => one.key === chosen) ? (chosen ?? empty) : empty);
  const [typed, setTyped] = useState<string>();
  const nameField = useRef<HTMLInputElement>(null);
  const template = templates.find((one) => one.key === key) ?? null;
  const proposed = template?.name ?? "New workflow";
  const taken = useTakenNames(projectId, proposed);
  const name = typed ?? freeWorkflowName(proposed, taken);
  const create = useApi({
    send: () =>
      api("POST /api/projects/[project]/workflows", {
        params: { project: projectId },
        body: newWorkflow(name, template, { newId: newTimeOrderedId, adaptors }),
      }),
    hasForm: true,
    isRefreshed: false,
    done: ({ id }) => router.push(`/p/${projectId}/workflows/${id}/edit`),
  });
  const nameProblem = problemOfName(create.error) ?? create.problems.name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(undefined, { onError: () => nameField.current?.focus() });
  };
  return (
    <Form saved={create.isSuccess} onSubmit={submit} className="grid gap-5">
      <Field label="Name" error={nameProblem}>
        <Input
          ref={nameField}
          value={name}
          onChange={(event) => setTyped(event.target.value)}
          onFocus={(event) => event.currentTarget.select()}
          required
          autoFocus
          autoComplete="off"
        />
      </Field>
      <div className="grid gap-2">
        <p id="begin-with" className="font-medium text-[13px]">
          Begin with
        </p>
        <RadioGroup
          aria-labelledby="begin-with"
          value={key}
          onValueChange={(value) => {
            setKey(value);
            create.reset();
          }}
          className="gap-2.5 sm:grid-cols-2"
        >
          <Choice value={empty} name="Empty workflow">
            <p className="text-muted-foreground text-sm">Add what starts it and its jobs one by one.</p>
          </Choice>
          {templates.map((one) => (
            <TemplateChoice key={one.key} template={one} adaptors={adaptors} />
          ))}
        </RadioGroup>
      </div>
      {template ? <About template={template} /> : null}
      <div className="sticky -bottom-4 z-10 -mx-5 -mb-4 border-t bg-popover px-5 py-3">
        <FormError>{nameProblem ? undefined : create.error?.message}</FormError>
        <DialogActions
          submit={create.isPending || create.isSuccess ? "Making the workflow…" : "Make workflow"}
          disabled={create.isPending || create.isSuccess}
        />
      </div>
    </Form>
  );
}

/** What the server says of a name that another workflow has. */
const problemOfName = (error: Error | null): string | undefined =>
  error instanceof ApiError && error.code === "conflict" ? error.message : undefined;

/** Names of the project's workflows that hold a proposed one. None while they are not known: the server says so then. */
function useTakenNames(projectId: string, proposed: string): string[] {
  const { data } = useQuery({
    queryKey: ["workflow-names", projectId, proposed],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows", {
        params: { project: projectId },
        query: { text: proposed, limit: 100 },
        signal,
      }),
    gcTime: 0,
  });
  return data?.items.map(({ name }) => name) ?? [];
}

function TemplateChoice({ template, adaptors }: { template: Template; adaptors: Adaptors }) {
  const parts = useMemo(() => template.build({ newId: newTimeOrderedId, adaptors }), [template, adaptors]);
  return (
    <Choice value={template.key} name={template.name}>
      <p className="mb-2 text-muted-foreground text-sm">{template.does}</p>
      <TemplateOutline parts={parts} />
    </Choice>
  );
}

function Choice({ value, name, children }: { value: string; name: string; children: ReactNode }) {
  return (
    <div className="rounded-lg border p-3 has-[[data-state=checked]]:border-accent has-[[data-state=checked]]:bg-accent-soft">
      <RadioItem value={value}>
        <span className="mb-0.5 block font-medium">{name}</span>
        {children}
      </RadioItem>
    </div>
  );
}

/** What there is to learn from a template, and what to send to it. */
function About({ template }: { template: Template }) {
  const text = template.sample === null ? null : JSON.stringify(template.sample, null, 2);
  return (
    <section aria-label={`About ${template.name}`} className="grid gap-2 rounded-lg border bg-muted/50 p-3">
      <p className="leading-relaxed">{template.teaches}</p>
      {text ? (
        <div className="flex items-start gap-2">
          <figure className="min-w-0 flex-1">
            <figcaption className="caption mb-1">A message to try it with</figcaption>
            <pre className="whitespace-pre-wrap rounded-md border bg-card p-2 font-mono text-xs [overflow-wrap:anywhere]">
              {text}
            </pre>
          </figure>
          <CopyButton text={text} label="Copy the message" />
        </div>
      ) : (
        <p className="text-muted-foreground">No message starts it: run it by hand in the editor.</p>
      )}
    </section>
  );
}
