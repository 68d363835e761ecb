"use client";
import { useRouter } from "next/navigation";
import { useQueryState } from "nuqs";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { projectNameProblem, suggestProjectName } from "@/lib/domain/project/name";
import { ImportReport } from "./import-report";
import { newProjectParams, type Start } from "./search-params";
import { StartChoice } from "./start-choice";
import { YamlFields, type YamlSource } from "./yaml-fields";

export function NewProject() {
  const router = useRouter();
  const [from, setFrom] = useQueryState("from", newProjectParams.from);
  const [typed, setName] = useState<string>();
  const name = typed ?? (from === "sample" ? "sample-project" : "");
  const [description, setDescription] = useState("");
  const [source, setSource] = useState<YamlSource>({ yaml: "", files: {} });
  const create = useApi({
    send: () => make(from, { name, description, source }),
    hasForm: true,
    done: (made) => {
      if (made.warnings.length === 0) router.push(`/p/${made.project.id}/inbox`);
    },
  });
  const isNameOptional = from === "yaml";
  const typedProblem = name && !create.isPending ? projectNameProblem(name) : undefined;
  const suggestion = suggestProjectName(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(undefined);
  };
  if (create.data && create.data.warnings.length > 0) return <ImportReport made={create.data} />;
  return (
    <Form onSubmit={submit} saved={create.isSuccess} className="grid gap-5">
      <StartChoice value={from} onChange={(start) => void setFrom(start)} />
      <Card className="grid gap-4 p-4 sm:p-5">
        {from === "yaml" ? <YamlFields value={source} onChange={setSource} /> : null}
        <Field
          label={isNameOptional ? "Name (optional)" : "Name"}
          hint={
            isNameOptional
              ? "Instead of the name in the file. Lower-case letters, digits and hyphens."
              : "Lower-case letters, digits and hyphens, such as patient-referrals."
          }
          error={typedProblem ?? create.problems.name}
        >
          <Input
            value={name}
            onChange={(event) => setName(event.target.value)}
            required={!isNameOptional}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        {typedProblem && suggestion ? (
          <Button
            variant="outline"
            size="sm"
            className="justify-self-start"
            onClick={() => setName(suggestion)}
          >
            Use {suggestion}
          </Button>
        ) : null}
        {from === "empty" ? (
          <Field label="Description (optional)" hint="What comes in, where it goes, whom to ask.">
            <Textarea
              value={description}
              onChange={(event) => setDescription(event.target.value)}
              maxLength={2000}
            />
          </Field>
        ) : null}
      </Card>
      {create.error ? <Problem error={create.error} /> : null}
      <div className="flex gap-2">
        <Button
          type="submit"
          size="lg"
          disabled={create.isPending || create.isSuccess || Boolean(typedProblem)}
        >
          {create.isPending || create.isSuccess ? "Creating the project…" : "Create project"}
        </Button>
        <Button variant="ghost" size="lg" onClick={() => router.push("/projects")}>
          Cancel
        </Button>
      </div>
    </Form>
  );
}

type Entered = { name: string; description: string; source: YamlSource };

function make(from: Start, { name, description, source }: Entered) {
  return from === "yaml"
    ? api("POST /api/projects/import", { body: { ...source, ...(name ? { name } : {}) } })
    : api("POST /api/projects", { body: { from, name, ...(description ? { description } : {}) } });
}

const shownProblems = 20;

type SpecProblem = { path: string; message: string; line: number | null };

/** A file has many problems at once: all of them with their lines. */
function Problem({ error }: { error: Error }) {
  const listed: unknown = error instanceof ApiError ? error.details?.problems : undefined;
  if (!isProblems(listed)) return <FormError>{error.message}</FormError>;
  return (
    <FormError>
      <p className="font-medium">The file cannot be imported as it is:</p>
      <ul className="mt-1 grid gap-0.5">
        {listed.slice(0, shownProblems).map(({ path, message, line }) => (
          <li key={`${path} ${line} ${message}`} className="[overflow-wrap:anywhere]">
            <span className="font-mono text-xs">{line === null ? path : `line ${line}`}</span> {message}
          </li>
        ))}
        {listed.length > shownProblems ? <li>And {listed.length - shownProblems} more.</li> : null}
      </ul>
    </FormError>
  );
}

const isProblems = (value: unknown): value is SpecProblem[] =>
  Array.isArray(value) &&
  value.every((item) => typeof item === "object" && item !== null && "message" in item);
