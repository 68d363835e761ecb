"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";
import { RedactionPreview } from "./redaction-preview";

type Props = { project: ProjectSettings; canUpdate: boolean };

/** What is redacted of messages before they are stored, and what that would do to the newest one. */
export function RedactionsSection({ project, canUpdate }: Props) {
  const [text, setText] = useState(project.redactions.map(({ path }) => path).join("\n"));
  const redactions = linesOf(text).map((path) => ({ path }));
  const save = useApi({
    send: () =>
      api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: { redactions, basedOn: project.updatedAt },
      }),
    message: "Saved. It holds for what comes from now on.",
    hasForm: true,
  });
  const preview = useApi({
    send: () =>
      api("POST /api/projects/[project]/redactions/preview", {
        params: { project: project.id },
        body: { redactions },
      }),
    hasForm: true,
    isRefreshed: false,
  });
  const problem = problemsIn(save.problems) ?? problemsIn(preview.problems);
  const failure = save.error ?? preview.error;
  const change = (changed: string) => {
    setText(changed);
    save.reset();
    preview.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.reset();
    save.mutate(undefined);
  };
  return (
    <Section
      id="redacted"
      title="Redacted at intake"
      description="What these paths lead to is never stored: a digest stands there instead, in the project always the same for the same value, so that a search for the value finds it. Jobs, filters and people see the digest. What is stored already stays as it is."
    >
      <Form onSubmit={submit} saved={save.isSuccess}>
        <fieldset disabled={!canUpdate} className="grid gap-4">
          <legend className="sr-only">Paths that are redacted</legend>
          <Field
            label="Paths"
            hint="One a line, from what a job gets: $.data.patient.name, $..national_id, $.request.headers['x-patient'], $.request.query_params.id. While one leads into the body, a body that is neither JSON, XML nor a form is refused, unless the path is $.data."
            error={problem}
          >
            <Textarea
              value={text}
              onChange={(event) => change(event.target.value)}
              spellCheck={false}
              autoComplete="off"
              rows={4}
              className="font-mono text-xs"
            />
          </Field>
          <FormError>{problem ? null : failure?.message}</FormError>
          {canUpdate ? (
            <div className="flex flex-wrap gap-2">
              <Button type="submit" disabled={save.isPending}>
                Save
              </Button>
              <Button
                variant="outline"
                disabled={preview.isPending || redactions.length === 0}
                onClick={() => preview.mutate(undefined)}
              >
                Try on the newest message
              </Button>
            </div>
          ) : null}
        </fieldset>
      </Form>
      <div aria-live="polite">
        {preview.data ? <RedactionPreview projectId={project.id} preview={preview.data} /> : null}
      </div>
    </Section>
  );
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** The API's sentences, with the line that each is about. */
function problemsIn(problems: Record<string, string[]>): string[] | undefined {
  const found = Object.entries(problems).flatMap(([field, sentences]) => {
    if (field === "redactions") return sentences;
    const line = /^redactions\.(\d+)/.exec(field)?.[1];
    return line === undefined ? [] : sentences.map((one) => `Path ${Number(line) + 1}: ${one}`);
  });
  return found.length > 0 ? found : undefined;
}
