"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";
import { projectNameProblem, suggestProjectName } from "@/lib/domain/project/name";

export function GeneralSection({ project, canUpdate }: { project: ProjectSettings; canUpdate: boolean }) {
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description ?? "");
  const save = useApi({
    send: () =>
      api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: { name, description: description.trim() || null, basedOn: project.updatedAt },
      }),
    message: "Saved.",
    hasForm: true,
  });
  const problem = projectNameProblem(name);
  const suggestion = suggestProjectName(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Section id="general" title="General">
      <Form onSubmit={submit} saved={save.isSuccess}>
        <fieldset disabled={!canUpdate} className="grid gap-4">
          <legend className="sr-only">Name and description</legend>
          <Field
            label="Name"
            hint="Lower-case letters, digits and hyphens."
            error={problem ?? save.problems.name}
          >
            <Input
              value={name}
              onChange={(event) => setName(event.target.value)}
              spellCheck={false}
              autoComplete="off"
            />
          </Field>
          {problem && suggestion ? (
            <Button
              variant="outline"
              size="sm"
              className="justify-self-start"
              onClick={() => setName(suggestion)}
            >
              Use {suggestion}
            </Button>
          ) : null}
          <Field label="Description" error={save.problems.description}>
            <Textarea
              value={description}
              onChange={(event) => setDescription(event.target.value)}
              maxLength={2000}
            />
          </Field>
          <FormError>{save.problems.name ? null : save.error?.message}</FormError>
          {canUpdate ? (
            <Button
              type="submit"
              className="justify-self-start"
              disabled={save.isPending || Boolean(problem)}
            >
              Save
            </Button>
          ) : null}
        </fieldset>
      </Form>
    </Section>
  );
}
