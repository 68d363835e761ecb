"use client";
import { useRouter } from "next/navigation";
import { useQueryState } from "nuqs";
import { type FormEvent, useState } from "react";
import { api } from "@/components/api";
import { ChooseAgain } from "@/components/spec/choose-again";
import { ImportPreviewView } from "@/components/spec/import-preview-view";
import { ReadingFiles } from "@/components/spec/reading-files";
import { isEmptySource, noSource, type Source, SourceFields, sentOf } from "@/components/spec/source-fields";
import { SourceProblem } from "@/components/spec/source-problem";
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
import { useImportPreview } from "./use-import-preview";

export function NewProject() {
  const router = useRouter();
  const [from, setFrom] = useQueryState("from", newProjectParams.from);
  const [typed, setName] = useState<string>();
  const name = typed ?? (from === "sample" ? "sample-project" : "");
  const [description, setDescription] = useState("");
  const [source, setSource] = useState<Source>(noSource);
  /** Of a folder with several projects, the one that is meant. */
  const [choose, setChoose] = useState<string>();
  const preview = useImportPreview(from === "yaml" ? source : noSource, { name, choose });
  const create = useApi({
    send: () => make(from, { name, description, source, choose }),
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
        {from === "yaml" ? (
          <SourceFields
            value={source}
            onChange={(changed) => {
              setSource(changed);
              setChoose(undefined);
              create.reset();
            }}
          />
        ) : null}
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
      {create.error ? (
        <SourceProblem error={create.error} onChoose={setChoose} />
      ) : preview.error ? (
        <SourceProblem error={preview.error} onChoose={setChoose} />
      ) : null}
      <ChooseAgain chosen={choose} onAgain={() => setChoose(undefined)} />
      {preview.isFetching && !preview.data ? <ReadingFiles /> : null}
      {preview.data ? <ImportPreviewView preview={preview.data} /> : null}
      <div className="flex gap-2">
        <Button
          type="submit"
          size="lg"
          disabled={
            create.isPending ||
            create.isSuccess ||
            Boolean(typedProblem) ||
            (from === "yaml" && (isEmptySource(source) || !preview.data))
          }
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

type Entered = { name: string; description: string; source: Source; choose: string | undefined };

function make(from: Start, { name, description, source, choose }: Entered) {
  return from === "yaml"
    ? api("POST /api/projects/import", {
        body: { ...sentOf(source), ...(choose ? { choose } : {}), ...(name ? { name } : {}) },
      })
    : api("POST /api/projects", { body: { from, name, ...(description ? { description } : {}) } });
}
