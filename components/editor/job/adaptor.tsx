"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { api } from "@/components/api";
import { EditorField, useFieldProblem } from "@/components/editor/editor-field";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Field, useFieldProps } from "@/components/ui/field";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { setJob } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftJob } from "@/lib/editor/graph";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import { AdaptorDialog } from "./adaptor-dialog";
import { versionWords } from "./adaptor-words";
import type { JobAdaptor } from "./use-job-adaptor";

type Props = { job: DraftJob; found: JobAdaptor };

/** Which adaptor the job has, and which version of it. Another one leaves the code as it is. */
export function JobAdaptorFields({ job, found }: Props) {
  const store = useEditorStore();
  const [isOpen, setOpen] = useState(false);
  const problem = useFieldProblem(job.id, "adaptor");
  const name = adaptorName(job.adaptor);
  const choose = (adaptor: string) => store.edit(setJob(job.id, { adaptor }));
  const isOfLibrary = job.libraryJobId !== null;
  return (
    <div className="grid gap-4 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Field
        id={fieldId(job.id, "adaptor")}
        label="Adaptor"
        hint="What the code can call, and how it reaches the other system."
        error={problem ?? found.problem}
      >
        <ChooseButton name={name} disabled={isOfLibrary} onClick={() => setOpen(true)} />
      </Field>
      <VersionField job={job} found={found} onChoose={choose} />
      <AdaptorDialog
        open={isOpen}
        onOpenChange={setOpen}
        current={name}
        onChoose={(chosen) => choose(`${chosen}@latest`)}
      />
    </div>
  );
}

type ButtonProps = { name: string; disabled: boolean; onClick(): void };

function ChooseButton({ name, ...props }: ButtonProps) {
  const shown = name || "Choose an adaptor";
  return (
    <Button
      variant="outline"
      aria-label={`Adaptor: ${shown}`}
      className="w-full justify-between font-mono text-[13px]"
      {...useFieldProps()}
      {...props}
    >
      <span className="truncate">{shown}</span>
      <ChevronDown aria-hidden className="opacity-70" />
    </Button>
  );
}

type VersionProps = Props & { onChoose(adaptor: string): void };

function VersionField({ job, found, onChoose }: VersionProps) {
  const { projectId } = useEditorPlace();
  const name = adaptorName(job.adaptor);
  const spec = job.adaptor.slice(name.length + 1) || "latest";
  const { data } = useQuery({
    queryKey: ["adaptor-versions", projectId, name],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/adaptors/versions", {
        params: { project: projectId },
        query: { name },
        signal,
      }),
    enabled: name !== "",
    staleTime: 300_000,
    retry: false,
  });
  const versions = data?.versions ?? [];
  const isListed = spec === "latest" || versions.some(({ version }) => version === spec);
  const newest = data?.latest ?? versions[0]?.version ?? null;
  return (
    <EditorField
      itemId={job.id}
      field="adaptorVersion"
      label="Version"
      hint={versionWords(spec, newest, found)}
    >
      <Select
        value={spec}
        disabled={job.libraryJobId !== null || name === ""}
        onValueChange={(version) => onChoose(`${name}@${version}`)}
      >
        <SelectTrigger className="nums">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value="latest">Newest when saved</SelectItem>
          {isListed ? null : <SelectItem value={spec}>{spec}</SelectItem>}
          {versions.map(({ version, isBuilt }) => (
            <SelectItem key={version} value={version}>
              {version}
              {version === newest ? ", the newest" : ""}
              {isBuilt ? ", built here" : ""}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      {data?.problem ? <p className="text-muted-foreground text-xs">{data.problem}</p> : null}
    </EditorField>
  );
}
