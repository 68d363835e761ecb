"use client";
import { FileText, Upload, X } from "lucide-react";
import { type Dispatch, type SetStateAction, useId } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Textarea } from "@/components/ui/textarea";

export type YamlSource = { yaml: string; files: Record<string, string> };

type Props = { value: YamlSource; onChange: Dispatch<SetStateAction<YamlSource>> };

/** project.yaml as text or as a file, and the files that its job bodies name. */
export function YamlFields({ value, onChange }: Props) {
  const takeYaml = async ([file]: File[]) => {
    const yaml = await file?.text();
    if (yaml !== undefined) onChange((now) => ({ ...now, yaml }));
  };
  const takeFiles = async (list: File[]) => {
    const texts = await Promise.all(list.map(async (file) => [pathOf(file), await file.text()] as const));
    const isYaml = ([path]: readonly [string, string]) => /(^|\/)project\.ya?ml$/.test(path);
    const yaml = texts.find(isYaml)?.[1];
    const files = Object.fromEntries(texts.filter((text) => !isYaml(text)));
    onChange((now) => ({ yaml: yaml ?? now.yaml, files: { ...now.files, ...files } }));
  };
  const rename = (from: string, to: string) => {
    if (to !== from && to in value.files) return toast.error(`There is a file ${to} already.`);
    onChange({
      ...value,
      files: Object.fromEntries(
        Object.entries(value.files).map(([path, text]) => [path === from ? to : path, text]),
      ),
    });
  };
  const remove = (path: string) =>
    onChange({
      ...value,
      files: Object.fromEntries(Object.entries(value.files).filter(([p]) => p !== path)),
    });

  return (
    <>
      <Field label="project.yaml" hint="Paste the text here, or choose the file.">
        <Textarea
          value={value.yaml}
          onChange={(event) => onChange({ ...value, yaml: event.target.value })}
          required
          spellCheck={false}
          className="min-h-52 font-mono text-xs"
          placeholder={"name: openhie-project\nworkflows:\n  …"}
        />
      </Field>
      <div className="flex flex-wrap gap-2">
        <FileButton label="Choose project.yaml" accept=".yaml,.yml" onFiles={takeYaml} />
        <FileButton label="Add job files" multiple onFiles={takeFiles} />
        <FileButton label="Add a folder" folder onFiles={takeFiles} />
      </div>
      {Object.keys(value.files).length > 0 ? (
        <ul aria-label="Job files" className="grid gap-1.5">
          {Object.entries(value.files).map(([path, text]) => (
            <li key={path} className="flex items-center gap-2 rounded-md border px-2.5 py-1.5">
              <FileText aria-hidden className="size-4 shrink-0 text-muted-foreground" />
              <input
                aria-label={`Path of ${path}, as project.yaml names it`}
                defaultValue={path}
                onBlur={(event) => rename(path, event.target.value.trim() || path)}
                className="min-w-0 flex-1 rounded-sm bg-transparent font-mono text-xs"
              />
              <span className="text-muted-foreground text-xs">
                {formatCount(text.split("\n").length, "line")}
              </span>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={`Remove ${path}`}
                onClick={() => remove(path)}
              >
                <X aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-muted-foreground text-xs">
          Job bodies written as <code className="font-mono">path: ./jobs/my-script.js</code> need that file:
          add it here, and correct its path where the file names it otherwise.
        </p>
      )}
    </>
  );
}

/** A folder's own name is not part of the path: project.yaml stands at its top. */
const pathOf = (file: File): string =>
  file.webkitRelativePath ? file.webkitRelativePath.split("/").slice(1).join("/") : `jobs/${file.name}`;

type FileButtonProps = {
  label: string;
  accept?: string;
  multiple?: boolean;
  folder?: boolean;
  onFiles: (files: File[]) => void;
};

/** A file input that looks like our buttons; the input itself stays reachable by keyboard and by tests. */
function FileButton({ label, folder, onFiles, ...props }: FileButtonProps) {
  const id = useId();
  return (
    <label
      htmlFor={id}
      className="inline-flex h-8.5 cursor-pointer items-center gap-1.5 rounded-md border border-input/60 bg-card px-3 font-medium hover:border-input hover:bg-muted has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2"
    >
      <Upload aria-hidden className="size-4" />
      {label}
      <input
        id={id}
        type="file"
        className="sr-only"
        {...props}
        {...(folder ? { webkitdirectory: "" } : {})}
        onChange={(event) => {
          // The list itself is emptied with the value, so that the same file can be chosen again.
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </label>
  );
}
